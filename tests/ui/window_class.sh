#!/bin/sh
# Class mode, sessions and leaving in the middle of things, in the real window.
#   window_class.sh PROGRAM FIXTURES OUTPUT
set -eu
program=$1
fixtures=$2
output=$3
display_size=1280x800
. "$(dirname "$0")/window_lib.sh"
XDG_CACHE_HOME=$output/cache
export XDG_CACHE_HOME

panel=300x500+30+80
live=700x600+500+40

echo "-- class mode: forth, back, notes, out"
start "$fixtures/squeeze.onnx" --class
title_is_there() { shot now && [ "$(detail now 380x80+30+70)" -gt 3000 ]; }
until_true "--class shows no title" title_is_there
[ "$(identify -format '%wx%h' now.png)" = 1280x800 ] || fail "class mode does not take the display"
sleep 1
shot stop1
xdotool key Next
until_true "Page Down leads to no other stop" differs stop1 "$panel" 1000
until_true "the second stop shows no picture" differs stop1 "$live" 50000
shot stop2
xdotool key t
until_true "T shows no notes" differs stop2 300x150+40+530 1000
xdotool key t Prior
like_first() { shot now && [ "$(changed stop1 now "$panel")" -eq 0 ]; }
until_true "Page Up does not lead back" like_first
xdotool mousemove 150 750 click 1 # next
until_true "a click leads to no other stop" differs stop1 "$panel" 1000
xdotool key Escape
until_true "Escape does not leave class mode" wall_has_pictures
xdotool key F5
until_true "F5 does not begin class mode" title_is_there
stop ctrl+q

echo "-- a session: saved, restored, saved again"
start "$fixtures/squeeze.onnx" --width 900 --height 600 --session lesson.json
until_true "the wall stays empty" wall_has_pictures
xdotool key Down Tab Return 4
sleep 1
xdotool key ctrl+s
session_is_there() { [ -s lesson.json ]; }
until_true "Ctrl+S saves nothing" session_is_there
stop ctrl+q
cp lesson.json first.json
grep -q '"view": "channel"' first.json || fail "the session does not say what was open"
start --width 900 --height 600 --session lesson.json
channel_is_there() { shot now && [ "$(detail now 180x180+270+190)" -gt 2000 ]; }
until_true "the session opens no channel" channel_is_there
rm lesson.json
xdotool key ctrl+s
until_true "Ctrl+S saves nothing" session_is_there
stop ctrl+q
cmp first.json lesson.json || fail "the second session differs"
echo '{"format": 1, "window": {"chanel": 3}}' >lesson.json
start "$fixtures/squeeze.onnx" --session lesson.json
until_true "a mistake in a session is not named" shows mistake 900x30+280+738 500
stop ctrl+q

# leave WHAT ARGUMENTS -- KEYS...: opens, waits for the wall, presses the keys, closes a moment later
leave() {
    echo "-- leaving in the middle of $1"
    shift
    arguments=
    while [ "$1" != -- ]; do
        arguments="$arguments $1"
        shift
    done
    shift
    # shellcheck disable=SC2086
    start $arguments --width 900 --height 600
    until_true "the wall stays empty" wall_has_pictures
    for keys in "$@"; do
        xdotool key $keys
        sleep 0.3
    done
    stop ctrl+q
}
leave "a wall" -- End
leave "a render" -- Tab Return
leave "a panel" -- Tab Return 4
leave "examples" -- Tab Return 3
leave "a Gabor study" -- g
leave "an export" -- Tab Return e
leave "saving a session" -- ctrl+s
leave "drawing the second task" -- F5 End
leave "a training" -- F5 End Home End
echo PASSED
