"""Need a package that is not installed."""

import a_package_that_nobody_has  # type: ignore[import-not-found]

app = a_package_that_nobody_has.app
