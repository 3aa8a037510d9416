#!/bin/sh
# The window as a user meets it, on a virtual display of its own.
#   window.sh PROGRAM FIXTURES OUTPUT
# Screenshots go to OUTPUT and stay there. Exit 77 (skipped) where the tools are missing.
set -eu
program=$1
fixtures=$2
output=$3
. "$(dirname "$0")/window_lib.sh"

body=660x460+240+70
list=230x400+0+70

echo "-- a wall that fills"
start "$fixtures/squeeze.onnx" --width 900 --height 600
until_true "the wall stays empty" wall_has_pictures
xprop -id "$window" -len 16 _NET_WM_ICON | grep -q CARDINAL || fail "the window has no icon"

echo "-- the list by keys"
shot first
xdotool key Down
until_true "Down moves no selection" differs first "$list" 200
xdotool key Up

echo "-- a channel by keys"
sleep 1
shot before
xdotool key Tab Right Return
until_true "Enter opens no channel" differs before "$body" 50000
shot channel

echo "-- an export that can be repeated"
picture_is_there() { shot now && [ "$(detail now 200x200+275+190)" -gt 1000 ]; }
until_true "the channel shows no picture" picture_is_there
xdotool key e
until_true "E exports nothing" file_is_there
exported=$(ls "$output"/*-*.png | head -n 1)
[ "$(identify -format '%m' "$exported")" = PNG ] || fail "the export is no PNG"
[ -n "$(identify -format '%[filterscope:layer]' "$exported")" ] || fail "the export does not name its layer"
"$program" render --like "$exported" --quiet -o again.png || fail "the export cannot be repeated"
[ "$(compare -metric AE "$exported" again.png null: 2>&1 || true)" = 0 ] || fail "the export repeats differently"

echo "-- an objective with a mistake, and a right one"
field=560x60+320+76
sleep 1
shot before
xdotool key slash ctrl+a
xdotool type --delay 20 'chanel(features.0, 2)'
xdotool key Return
until_true "an objective with a mistake is not marked" differs before "$field" 300
cp now.png mistake.png
xdotool key ctrl+a
xdotool type --delay 20 'channel(features.0, 2)'
xdotool key Return
until_true "a right objective is not taken" differs mistake "$field" 300
cp now.png objective.png
xdotool key Escape

echo "-- all tabs"
side=380x330+490+170
for tab in 2 3 4 5 6 1; do
    shot before
    xdotool key $tab
    until_true "tab $tab shows nothing of its own" differs before "$side" 1000
    sleep 1
    shot "tab$tab"
done

echo "-- help, and back"
sleep 1
shot before
xdotool key question
until_true "? shows no keys" differs before 300x200+300+150 1000
cp now.png help.png
xdotool key Escape Escape
until_true "Escape does not go back" differs help "$body" 50000

echo "-- clicks and the wheel"
shot before
xdotool mousemove 300 140 click 1
until_true "a click opens no channel" differs before "$body" 50000
xdotool key Escape
sleep 0.5
shot before
xdotool mousemove 100 300 click 5 click 5 click 5
until_true "the wheel does not scroll the list" differs before "$list" 500

echo "-- a larger window"
xdotool windowsize "$window" 1400 900
larger() { shot large && [ "$(identify -format '%wx%h' large.png)" = 1400x900 ]; }
until_true "the window does not follow its size" larger
until_true "no status line at the bottom of the larger window" shows large 1100x20+280+872 100

echo "-- Gabor functions: open, choose, move a slider, snap"
xdotool windowsize "$window" 900 600
sleep 0.5
xdotool key g
until_true "a first layer of 3x3 shows no reason" differs large 400x60+260+80 200
cp now.png gabor-refused.png
xdotool key Escape
stop q
start "$fixtures/gabors.onnx" --width 900 --height 600
until_true "the wall stays empty" wall_has_pictures
shot before
xdotool key g
gabor_is_there() { shot now && [ "$(detail now 60x60+262+80)" -gt 2000 ] && [ "$(detail now 380x80+500+100)" -gt 5000 ]; }
until_true "G shows no kernels" gabor_is_there
cp now.png gabor.png
xdotool key Right
until_true "Right chooses no other kernel" differs gabor 380x80+500+100 2000
cp now.png gabor-second.png
xdotool key Tab Tab Right Right Right Right
until_true "the slider does not redraw the Gabor function" differs gabor-second 220x80+660+100 300
cp now.png gabor-moved.png
xdotool key s
until_true "S does not snap to the fit" differs gabor-moved 220x80+660+100 300
unlike_second() { [ "$(changed gabor-second now 380x80+500+100)" -gt 0 ]; }
if unlike_second; then fail "snapping does not lead back to the fit"; fi
xdotool key ctrl+z
until_true "Ctrl+Z does not take the snap back" differs gabor-second 220x80+660+100 300
cp now.png gabor-undone.png
xdotool mousemove 285 170 click 1
until_true "a click chooses no kernel" differs gabor-undone 380x80+500+100 2000
cp now.png gabor-clicked.png
xdotool mousemove 890 580 key Escape

echo "-- an idle window"
until_true "an idle window computes" is_idle
stop q
grep -q '^frames ' stdout || fail "--frame-stats says nothing"
cat stdout

echo "-- fine-tuning: steps, a pause, back, a model on disk"
mkdir -p data/warm data/cold
for i in 1 2 3 4 5 6 7 8 9 10; do
    convert -size 40x40 plasma:red-yellow -seed $i "data/warm/$i.png"
    convert -size 40x40 plasma:blue-cyan -seed $i "data/cold/$i.png"
done
curves=250x320+262+235
steps=616x34+262+78
start "$fixtures/squeeze.onnx" --width 900 --height 600 --data data
until_true "the wall stays empty" wall_has_pictures
xdotool key f
until_true "F shows no recipe" shows finetune "$steps" 500
sleep 0.5
shot finetune
xdotool key n
until_true "N trains no epoch" differs finetune "$curves" 300
sleep 1
shot finetune-epoch
xdotool key n
until_true "N trains no second epoch" differs finetune-epoch "$curves" 100
sleep 1
shot finetune-second
xdotool key u
until_true "U takes no epoch back" differs finetune-second "$curves" 100
xdotool key s
model_is_there() { [ -s "$(ls "$output"/*-finetuned.onnx 2>/dev/null | head -n 1)" ]; }
until_true "S saves no model" model_is_there
labels_are_there() { [ -s "$(ls "$output"/*-finetuned_labels.txt 2>/dev/null | head -n 1)" ]; }
until_true "S saves no labels" labels_are_there
"$program" classify --model "$(ls "$output"/*-finetuned.onnx)" --quiet data/warm/1.png >classified ||
    fail "the saved model cannot be used"
grep -q -e warm -e cold classified || fail "the saved model does not know its classes"
xdotool key space 2
joint_is_there() { shot now && [ "$(detail now 300x100+545+340)" -gt 1000 ]; }
until_true "the joint stage shows no filters" joint_is_there
for tab in 3 4 1; do
    cp now.png before.png
    xdotool key $tab
    until_true "tab $tab of the fine-tune view shows nothing of its own" differs before 300x200+545+270 500
done
shot finetune-over
xdotool key Escape
until_true "Escape leaves the fine-tune view" differs finetune-over "$steps" 1000
stop q

echo "-- leaving in the middle of a training"
start "$fixtures/squeeze.onnx" --width 900 --height 600 --data data
until_true "the wall stays empty" wall_has_pictures
xdotool key f
sleep 0.5
shot before
xdotool mousemove 340 175 click 1
until_true "a click begins no run" differs before "$curves" 300
stop ctrl+q

echo "-- leaving in the middle of a render"
start "$fixtures/squeeze.onnx" --layer features.4
xdotool key Tab Return
sleep 0.5
stop ctrl+q

echo "-- without a model"
start
until_true "the empty window says nothing" shows welcome 500x200+500+300 500
kill -TERM "$app"
code=0
wait "$app" || code=$?
app=
[ "$code" = 0 ] || fail "terminated: exit code $code"

echo "-- a broken model"
start "$fixtures/bad_cycle.onnx"
until_true "no error message" shows broken 900x30+280+738 500
stop q
if ls .*.png ./*.tmp* 2>/dev/null | grep -q .; then fail "something is left behind"; fi
echo PASSED
