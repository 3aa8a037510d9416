#!/bin/sh
# The window is closed, or told to end by SIGTERM or SIGHUP, while each of its jobs runs: it ends with exit code 0, leaves
# no temporaries, and what stands under a final name is whole.
#   window_signals.sh PROGRAM FIXTURES OUTPUT [JOB...]
# Each job ends in one of the ways, in turn; FS_EVERY_WAY=1: in all of them. Exit 77 (skipped) where the tools are missing.
set -eu
program=$1
fixtures=$2
output=$3
shift 3
wanted=$*
scripts=$(cd "$(dirname "$0")/../app" && pwd)
. "$(dirname "$0")/window_lib.sh"

"$program" world --n 240 --size 96 --no-masks --quiet -o "$output/pictures"
mkdir exports
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE

# Half files of all that the program may write to.
half_written() {
    python3 - "$scripts" "$output/exports" "$output/cache" "$output/config" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
from fault_cases import damaged, temporaries
for folder in sys.argv[2:]:
    print(*temporaries(folder), *damaged(folder), end="")
END
}

# end_by WAY: a signal, or keys
end_by() {
    begun=$(date +%s%N)
    case $1 in
    TERM | HUP) kill -"$1" "$app" ;;
    *) xdotool key "$1" ;;
    esac
    for _ in $(seq 600); do
        kill -0 "$app" 2>/dev/null || break
        sleep 0.1
    done
    kill -9 "$app" 2>/dev/null && fail "$job: does not end by $1"
    code=0
    wait "$app" || code=$?
    app=
    [ "$code" = 0 ] || fail "$job: exit code $code by $1: $(cat stderr)"
    left=$(half_written)
    [ -z "$left" ] || fail "$job, ended by $1: left $left"
    echo "fine: $job, ended by $1 after $moment s, in $((($(date +%s%N) - begun) / 1000000)) ms; $(find exports -type f | wc -l) files written"
}

# what is done in the window, a job a line: its name, when it is disturbed, its keys; "," is a moment's rest
jobs='
load|0|
wall|0.7|
view|0.5|Tab Right Return
variants|0.6|Tab Right Return , 2
examples|0.8|Tab Right Return , 3
tuning|0.6|Tab Right Return , 4
attribution|0.7|Tab Right Return , 5
activations|0.2|Tab Right Return , 6
weights|0.3|Tab Right Return , 7
picture|0.4|i , Home Return
study|0.5|g
export|0.03|Tab Right Return , , , e
atlas of a layer|1.2|ctrl+l
atlas of the network|0.9|ctrl+n
report|1.5|ctrl+g
session|0.02|ctrl+s
training|1.7|f , space
saving what was trained|0.05|f , n , , , , , , , , , , , , s
class mode|0.8|F5
'

ways="TERM HUP ctrl+q"
turn=0
# do_job WAY: starts anew, so that nothing was done before
do_job() {
    rm -rf exports/* cache
    keep_settings=
    start --session exports/session.json --data pictures --images pictures --export-folder exports
    if [ "$job" != load ]; then
        until_true "$job: the wall stays empty" wall_has_pictures
        for key in $keys; do
            if [ "$key" = , ]; then sleep 0.4; else xdotool key "$key"; fi
        done
    fi
    sleep "$moment"
    end_by "$1"
}

while IFS='|' read -r job moment keys; do
    [ -n "$job" ] || continue
    case $wanted in '' | *"$job"*) ;; *) continue ;; esac
    for way in $ways; do
        turn=$((turn + 1))
        # one way a job, the next one for the next job
        if [ -n "${FS_EVERY_WAY:-}" ] || [ $((turn % 3)) = 0 ]; then do_job "$way"; fi
    done
    turn=$((turn + 1))
done <<END
$jobs
END
echo PASSED
