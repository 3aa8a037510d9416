#!/bin/sh
# Exploring in the window, on a virtual display of its own: search, weights, the way back, the wall's zoom,
# Gabor functions instead of kernels, what is kept from run to run.
#   window_explore.sh PROGRAM FIXTURES OUTPUT
# Screenshots go to OUTPUT and stay there. Exit 77 (skipped) where the tools are missing.
set -eu
program=$1
fixtures=$2
output=$3

. "$(dirname "$0")/window_lib.sh"

body=660x460+240+70
title=300x30+262+8

echo "-- search: a concept, as it is typed"
start --width 900 --height 600
sleep 1
shot before
xdotool key slash
xdotool type --delay 20 'wheel'
until_true "/ opens no search" differs before 500x200+320+80 3000
cp now.png search.png
xdotool key Return
until_true "Enter opens no hit" differs search "$title" 300
cp now.png hit.png

echo "-- weights: shown, followed, and back"
xdotool key 7
until_true "7 shows no weights" differs hit 360x300+500+200 3000
sleep 2
shot weights
xdotool mousemove 560 300 click 1
until_true "a click on a weight leads nowhere" differs weights "$title" 300
cp now.png neighbour.png
xdotool mousemove 890 580 key BackSpace
until_true "Backspace does not lead back" differs neighbour "$title" 300
same_title() { shot now && [ "$(changed weights now "$title")" = 0 ]; }
until_true "Backspace leads elsewhere" same_title
xdotool key Escape
sleep 0.5

echo "-- the wall's zoom"
shot before
xdotool keydown ctrl mousemove 500 300 click 4 click 4 keyup ctrl
until_true "Ctrl and the wheel make no tile larger" differs before "$body" 3000
cp now.png zoomed.png
xdotool mousemove 890 580 key 0
until_true "0 does not make the tiles as they were" differs zoomed "$body" 3000
stop q

echo "-- Gabor functions instead of kernels, and their files"
start "$fixtures/gabors.onnx" --width 900 --height 600
until_true "the wall stays empty" wall_has_pictures
xdotool key g
gabor_is_there() { shot now && [ "$(detail now 60x60+262+80)" -gt 2000 ] && [ "$(detail now 380x80+500+100)" -gt 5000 ]; }
until_true "G shows no kernels" gabor_is_there
cp now.png gabor.png
xdotool key u
until_true "U shows no substitution" differs gabor 380x160+500+230 5000
sleep 1
shot substitution
xdotool key e
card_is_there() { [ -s "$output/gabors-conv1-gabor-0.png" ] && [ -s "$output/gabors-conv1-fits.csv" ]; }
until_true "E exports no card" card_is_there
xdotool key Escape
sleep 0.5
echo "-- thumbnails of the run before"
all_rendered() { [ "$(find cache -name '*.png' | wc -l)" -ge 8 ]; }
until_true "no thumbnail is kept on disk" all_rendered
stop q
touch marker
start "$fixtures/gabors.onnx" --width 900 --height 600
until_true "the wall stays empty" wall_has_pictures
sleep 1
[ -z "$(find cache -name '*.png' -newer marker)" ] || fail "thumbnails are rendered again"
stop q
if ls .*.png ./*.tmp* 2>/dev/null | grep -q .; then fail "something is left behind"; fi
echo PASSED
