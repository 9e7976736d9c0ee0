"""Real teams, a line each: the exchange's code, its short name, and the odds source's name.

Public names and codes only. The professional leagues are whole, the colleges a selection of
schools, some of which the odds source spells in its own way (`Michigan St Spartans`).
"""

from typing import NamedTuple


class Team(NamedTuple):
    """A team: its code in tickers, its name at the exchange, its name at the odds source."""

    code: str
    short: str
    full: str


def _teams(lines: str) -> tuple[Team, ...]:
    return tuple(Team(*line.split("|")) for line in lines.split("\n") if line)


_NFL = """
ARI|Arizona|Arizona Cardinals
ATL|Atlanta|Atlanta Falcons
BAL|Baltimore|Baltimore Ravens
BUF|Buffalo|Buffalo Bills
CAR|Carolina|Carolina Panthers
CHI|Chicago|Chicago Bears
CIN|Cincinnati|Cincinnati Bengals
CLE|Cleveland|Cleveland Browns
DAL|Dallas|Dallas Cowboys
DEN|Denver|Denver Broncos
DET|Detroit|Detroit Lions
GB|Green Bay|Green Bay Packers
HOU|Houston|Houston Texans
IND|Indianapolis|Indianapolis Colts
JAC|Jacksonville|Jacksonville Jaguars
KC|Kansas City|Kansas City Chiefs
LV|Las Vegas|Las Vegas Raiders
LAC|Los Angeles C|Los Angeles Chargers
LA|Los Angeles R|Los Angeles Rams
MIA|Miami|Miami Dolphins
MIN|Minnesota|Minnesota Vikings
NE|New England|New England Patriots
NO|New Orleans|New Orleans Saints
NYG|New York G|New York Giants
NYJ|New York J|New York Jets
PHI|Philadelphia|Philadelphia Eagles
PIT|Pittsburgh|Pittsburgh Steelers
SF|San Francisco|San Francisco 49ers
SEA|Seattle|Seattle Seahawks
TB|Tampa Bay|Tampa Bay Buccaneers
TEN|Tennessee|Tennessee Titans
WAS|Washington|Washington Commanders
"""
_NCAAF = """
OSU|Ohio St.|Ohio State Buckeyes
MICH|Michigan|Michigan Wolverines
UGA|Georgia|Georgia Bulldogs
ALA|Alabama|Alabama Crimson Tide
TEX|Texas|Texas Longhorns
TXAM|Texas A&M|Texas A&M Aggies
ORE|Oregon|Oregon Ducks
WASH|Washington|Washington Huskies
ND|Notre Dame|Notre Dame Fighting Irish
USC|USC|USC Trojans
LSU|LSU|LSU Tigers
MISS|Ole Miss|Ole Miss Rebels
MSST|Mississippi St.|Mississippi State Bulldogs
PSU|Penn St.|Penn State Nittany Lions
CLEM|Clemson|Clemson Tigers
SCAR|South Carolina|South Carolina Gamecocks
FSU|Florida St.|Florida State Seminoles
FLA|Florida|Florida Gators
TENN|Tennessee|Tennessee Volunteers
VAN|Vanderbilt|Vanderbilt Commodores
BSU|Boise St.|Boise State Broncos
BYU|BYU|BYU Cougars
UTAH|Utah|Utah Utes
KU|Kansas|Kansas Jayhawks
KSU|Kansas St.|Kansas State Wildcats
OKLA|Oklahoma|Oklahoma Sooners
ISU|Iowa St.|Iowa State Cyclones
IOWA|Iowa|Iowa Hawkeyes
"""
_NBA = """
ATL|Atlanta|Atlanta Hawks
BOS|Boston|Boston Celtics
BKN|Brooklyn|Brooklyn Nets
CHA|Charlotte|Charlotte Hornets
CHI|Chicago|Chicago Bulls
CLE|Cleveland|Cleveland Cavaliers
DAL|Dallas|Dallas Mavericks
DEN|Denver|Denver Nuggets
DET|Detroit|Detroit Pistons
GSW|Golden State|Golden State Warriors
HOU|Houston|Houston Rockets
IND|Indiana|Indiana Pacers
LAC|Los Angeles C|Los Angeles Clippers
LAL|Los Angeles L|Los Angeles Lakers
MEM|Memphis|Memphis Grizzlies
MIA|Miami|Miami Heat
MIL|Milwaukee|Milwaukee Bucks
MIN|Minnesota|Minnesota Timberwolves
NOP|New Orleans|New Orleans Pelicans
NYK|New York|New York Knicks
OKC|Oklahoma City|Oklahoma City Thunder
ORL|Orlando|Orlando Magic
PHI|Philadelphia|Philadelphia 76ers
PHX|Phoenix|Phoenix Suns
POR|Portland|Portland Trail Blazers
SAC|Sacramento|Sacramento Kings
SAS|San Antonio|San Antonio Spurs
TOR|Toronto|Toronto Raptors
UTA|Utah|Utah Jazz
WAS|Washington|Washington Wizards
"""
_NCAAB = """
DUKE|Duke|Duke Blue Devils
UNC|North Carolina|North Carolina Tar Heels
KU|Kansas|Kansas Jayhawks
UK|Kentucky|Kentucky Wildcats
GONZ|Gonzaga|Gonzaga Bulldogs
SMC|Saint Mary's|Saint Mary's Gaels
CONN|UConn|UConn Huskies
VILL|Villanova|Villanova Wildcats
HOU|Houston|Houston Cougars
BAY|Baylor|Baylor Bears
MSU|Michigan St.|Michigan St Spartans
PUR|Purdue|Purdue Boilermakers
ARIZ|Arizona|Arizona Wildcats
UCLA|UCLA|UCLA Bruins
FLA|Florida|Florida Gators
AUB|Auburn|Auburn Tigers
TENN|Tennessee|Tennessee Volunteers
ALA|Alabama|Alabama Crimson Tide
ISU|Iowa St.|Iowa State Cyclones
TTU|Texas Tech|Texas Tech Red Raiders
CREI|Creighton|Creighton Bluejays
MARQ|Marquette|Marquette Golden Eagles
SJU|St. John's|St. John's Red Storm
BYU|BYU|BYU Cougars
DAY|Dayton|Dayton Flyers
VCU|VCU|VCU Rams
WICH|Wichita St.|Wichita St Shockers
MEM|Memphis|Memphis Tigers
"""
_MLB = """
AZ|Arizona|Arizona Diamondbacks
ATH|A's|Athletics
ATL|Atlanta|Atlanta Braves
BAL|Baltimore|Baltimore Orioles
BOS|Boston|Boston Red Sox
CHC|Chicago C|Chicago Cubs
CWS|Chicago WS|Chicago White Sox
CIN|Cincinnati|Cincinnati Reds
CLE|Cleveland|Cleveland Guardians
COL|Colorado|Colorado Rockies
DET|Detroit|Detroit Tigers
HOU|Houston|Houston Astros
KC|Kansas City|Kansas City Royals
LAA|Los Angeles A|Los Angeles Angels
LAD|Los Angeles D|Los Angeles Dodgers
MIA|Miami|Miami Marlins
MIL|Milwaukee|Milwaukee Brewers
MIN|Minnesota|Minnesota Twins
NYM|New York M|New York Mets
NYY|New York Y|New York Yankees
PHI|Philadelphia|Philadelphia Phillies
PIT|Pittsburgh|Pittsburgh Pirates
SD|San Diego|San Diego Padres
SF|San Francisco|San Francisco Giants
SEA|Seattle|Seattle Mariners
STL|St. Louis|St. Louis Cardinals
TB|Tampa Bay|Tampa Bay Rays
TEX|Texas|Texas Rangers
TOR|Toronto|Toronto Blue Jays
WSH|Washington|Washington Nationals
"""
_NHL = """
ANA|Anaheim|Anaheim Ducks
BOS|Boston|Boston Bruins
BUF|Buffalo|Buffalo Sabres
CGY|Calgary|Calgary Flames
CAR|Carolina|Carolina Hurricanes
CHI|Chicago|Chicago Blackhawks
COL|Colorado|Colorado Avalanche
CBJ|Columbus|Columbus Blue Jackets
DAL|Dallas|Dallas Stars
DET|Detroit|Detroit Red Wings
EDM|Edmonton|Edmonton Oilers
FLA|Florida|Florida Panthers
LA|Los Angeles|Los Angeles Kings
MIN|Minnesota|Minnesota Wild
MTL|Montreal|Montréal Canadiens
NSH|Nashville|Nashville Predators
NJ|New Jersey|New Jersey Devils
NYI|New York I|New York Islanders
NYR|New York R|New York Rangers
OTT|Ottawa|Ottawa Senators
PHI|Philadelphia|Philadelphia Flyers
PIT|Pittsburgh|Pittsburgh Penguins
SJ|San Jose|San Jose Sharks
SEA|Seattle|Seattle Kraken
STL|St. Louis|St Louis Blues
TB|Tampa Bay|Tampa Bay Lightning
TOR|Toronto|Toronto Maple Leafs
UTA|Utah|Utah Mammoth
VAN|Vancouver|Vancouver Canucks
VGK|Vegas|Vegas Golden Knights
WSH|Washington|Washington Capitals
WPG|Winnipeg|Winnipeg Jets
"""

TEAMS = {
    "NFL": _teams(_NFL),
    "NCAAF": _teams(_NCAAF),
    "NBA": _teams(_NBA),
    "NCAAB": _teams(_NCAAB),
    "MLB": _teams(_MLB),
    "NHL": _teams(_NHL),
}
"""The teams of each league, by the league's name."""
