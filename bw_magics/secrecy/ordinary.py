"""Values that are too ordinary to be masked: masking them would damage everything else."""

from __future__ import annotations

import builtins
import keyword
import re
from functools import cache

from bw_magics.lean_regex import regex

SHORTEST = 6

_DIGITS = "01234567890123456789"

# Words of protocols, configuration and front ends, and the passwords that everybody has.
_WORDS = """
    abc123 access account action active address admin adminadmin administrator alpine amazon
    amazonaws anonymous apache api_key apikey application archive author authorization azureuser
    background backup bearer binary bitnami bitwarden boolean border branch bucket buffer button
    cancel canvas cassandra center centos certificate change changeit changeme charset checkbox
    chrome circle classic clickhouse client client_id client_secret clientid clientsecret
    cluster cockroach column columns command comment commit compute config connect connection
    console contact content content-type control cookie create current cursor custom danger
    dashboard database dataset dbadmin debian default delete demo-password deploy description
    desktop detail details developer development device digest directory disable disabled
    display docker domain download dragon dropdown duration dynamic ec2-user elastic
    elasticsearch email enable enabled encoding environment error errors eu-central-1 eu-west-1
    eu-west-2 eu-west-3 europe-west1 example example.com execute execute_result export
    expression failed failure fedora fields filter finished flower follow football footer format
    function gateway general github gitlab google grafana group guest guestguest hadoop header
    headers height hidden history horizontal hostname https iloveyou image images import indent
    index indigo inline innodb input insert install instance integer internal invalid jenkins
    jupyter jupyterlab kernel keycloak keyspace kubernetes label language layout legend length
    letmein library license linear listen loading local localdomain localhost location locked
    logging login logout lookup manager margin mariadb marker master maximum medium member
    memcached memory message messages metadata method metrics middle minikube minimum minioadmin
    minute mobile module mongodb monitor monkey mssql mysql mysqladmin namespace native network
    neutral nginx nobody normal notebook notice nullable number object objects offset online
    opacity opensearch openssl operator option options oracle orange orientation origin output
    outputs overflow p@ssw0rd p@ssword package padding pandas param params parent passed
    passphrase passw0rd passwd password password1 password123 pending percent permission
    personal picture pixels plotly pointer policy polygon position postgres postgresql
    postgresql+psycopg postgresql+psycopg2 prefix preview primary princess private process
    processing produce production profile project prometheus prompt properties protocol provider
    proxy public public-key publish purple pytest python python3 qwerty qwerty123 qwertyuiop
    rabbitmq radius random record records redhat redirect redshift refresh region register
    release remote remove render replica replication report repository request required reserved
    reset resource response restart result results return review rollback rotate router running
    sample sandbox schema scheme script search second secret secret123 section secure security
    select selection sequence server service session setting settings shadow shared signal
    simple single snowflake socket source spring sqlite square stable staging standard start
    started state statistics status stderr stdout storage stream string strong student styles
    subject submit success suffix summary sunshine superset superuser supervisor support symbol
    sysadmin system table tables target temp1234 template tenant terminal test123 test1234
    testing testtest text/html text/plain theme ticket timeout timestamp title toggle toolbar
    tooltip toor total trace traceback training transparent trustno1 ubuntu unique unknown
    unlock update updated upload us-east-1 us-east-2 us-west-1 us-west-2 user123 userid username
    users vagrant validate values variable vector vendor version vertical viewer virtual visible
    volume warning warnings webadmin website welcome welcome1 welcome123 widget width window
    windows worker workspace wrapper yellow zookeeper zxcvbnm
"""


_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t|tember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
# Dates, times, numbers with separators, versions, colours, and addresses of hosts.
_FORMATTED = regex(
    r"""\d{4}[-/.]\d{1,2}[-/.]\d{1,2}
      (?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d{2}:?\d{2})?)?
    | \d{1,2}[-/.]\d{1,2}[-/.]\d{2,4} | \d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\ ?[ap]m)?
    | [+-]?\d{1,3}(?:[ ,.']\d{3})+(?:[.,]\d+)? | [+-]?\d+[.,]\d+(?:e[+-]?\d+)?
    | \d{1,3}(?:\.\d{1,3}){3}(?:[:/]\d{1,5})?
    | https?://[a-z0-9.-]+(?::\d{1,5})?/? | localhost:\d{1,5}
    | (?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6} | v?\d{1,3}(?:\.\d{1,3}){2}
    | [+-]?\d+(?:[.,]\d+)?\ ?% | \#[0-9a-f]{6}
    | \d{1,2}(?:[snrt][tdh]|\.)?[ -]MONTH,?[ -]\d{4} | MONTH[ ]\d{1,2}(?:[snrt][tdh])?,?[ ]\d{4}
    """.replace("MONTH", _MONTH),
    re.VERBOSE | re.IGNORECASE,
)

# The master password of the demo vault, which %bw_demo shows to the person who types it.
DEMO = "demo-master-password"


def is_ordinary(value: str) -> bool:
    """Returns whether a value is a very common word, a date, a time, a number with separators, a
    version, a colour, the address of a host, a run of digits like 123456, or hardly more than one
    character repeated.
    """
    word = value.strip().casefold()
    if len(set(word)) <= 2 or word in _words():
        return True
    if _FORMATTED.fullmatch(word):
        return True
    return word.isdigit() and (word in _DIGITS or word in _DIGITS[::-1])


@cache
def _words() -> frozenset[str]:
    # Names that every program and traceback contains.
    language = (*keyword.kwlist, *dir(builtins))
    return frozenset((*_WORDS.split(), *(name.casefold() for name in language)))
