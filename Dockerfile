# karb without servers of its own: compose.yaml brings those beside it.
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY commands commands
COPY profiles profiles
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir ".[fast]"

FROM python:3.12-slim
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH KARB_DATA_DIR=/data
RUN useradd --create-home --uid 10001 karb && install -d -o karb -g karb -m 0700 /data
USER karb
WORKDIR /data
VOLUME /data
ENTRYPOINT ["karb"]
CMD ["--help"]
