#!/bin/sh
# The habits of the window: themes, sizes, the menu, tips, exports, what the next run remembers.
#   window_habits.sh PROGRAM FIXTURES OUTPUT
# Screenshots go to OUTPUT and stay there. Exit 77 (skipped) where the tools are missing.
set -eu
program=$1
fixtures=$2
output=$3
keep_settings=1
. "$(dirname "$0")/window_lib.sh"

kept=$output/config/filterscope/window.json

# brightness PICTURE GEOMETRY: 0 to 255
brightness() {
    convert "$1.png" -crop "$2" +repage -colorspace gray -format '%[fx:mean*255]' info: | cut -d. -f1
}
is_light() { shot now && [ "$(brightness now 200x20+300+577)" -gt 200 ]; }
is_dark() { shot now && [ "$(brightness now 200x20+300+577)" -lt 60 ]; }
kept_has() { [ -s "$kept" ] && grep -q "$1" "$kept"; }

echo "-- light and dark, by key and by button, kept for the next run"
start "$fixtures/squeeze.onnx" --width 900 --height 600
until_true "the wall stays empty" wall_has_pictures
until_true "the window does not begin dark" is_dark
cp now.png dark.png
xdotool key ctrl+t
until_true "Ctrl+T does not turn it light" is_light
cp now.png light.png
xdotool mousemove 187 22 click 1
until_true "the button does not turn it dark" is_dark
xdotool key ctrl+t
until_true "Ctrl+T does not turn it light again" is_light

echo "-- the menu, and a tip"
shot before
xdotool mousemove 219 22
until_true "no tip says what the menu's button does" differs before 400x36+0+36 500
cp now.png tip.png
xdotool mousemove 890 590 key m
until_true "M opens no menu" differs before 260x200+30+90 5000
cp now.png menu.png
xdotool key Escape

echo "-- a Gabor report from the menu"
start_report() { ls -d "$output"/*-gabor >/dev/null 2>&1; }
report_is_there() { [ -s "$(ls "$output"/*-gabor/report.html 2>/dev/null | head -n 1)" ]; }
stop q
kept_has '"theme":.*"light"' || fail "the theme is not kept"
kept_has 'squeeze.onnx' || fail "the model is not kept"
start "$fixtures/gabors.onnx" --width 900 --height 600
until_true "the theme of the run before is gone" is_light
until_true "the wall stays empty" wall_has_pictures
xdotool key F10 Down Down Down Down Down Down
sleep 0.5
shot menu-report
xdotool key Return
until_true "no report is begun" start_report
until_true "no report is written" report_is_there
last_card() { [ -s "$(ls "$output"/*-gabor/kernels/007.png 2>/dev/null | head -n 1)" ]; }
until_true "the report is not finished" last_card

echo "-- an atlas with progress, cancelled"
status=470x26+415+573
sleep 1
shot before
xdotool key ctrl+n
until_true "no progress of an atlas" differs before "$status" 500
sleep 1
shot atlas
xdotool mousemove 844 585 click 1
until_true "the export is not cancelled" differs atlas 640x36+250+534 2000
cp now.png cancelled.png
ls "$output"/*-atlas/overview.pdf >/dev/null 2>&1 && fail "a cancelled atlas has an overview"

echo "-- leaving in the middle of an export"
xdotool key Escape ctrl+n
sleep 1
stop ctrl+q
if find "$output" -name '.*.png*' -o -name '*.tmp*' | grep -q .; then fail "something is left half written"; fi

echo "-- sizes: the window grows with its letters, and remembers"
start "$fixtures/squeeze.onnx"
until_true "the wall stays empty" wall_has_pictures
shot usual
xdotool key ctrl+plus ctrl+plus ctrl+plus
larger() { shot now && [ "$(identify -format '%h' now.png)" -ge 900 ]; }
until_true "the window does not grow" larger
sleep 1
shot larger
stop q
kept_has '"scale":.*1\.5' || fail "the size is not kept: $(cat "$kept")"
start "$fixtures/squeeze.onnx"
until_true "the larger window is gone" larger
xdotool key ctrl+0
sleep 1
stop q

echo "-- settings that are damaged"
notice_is_there() { shot now && [ "$(detail now 600x30+280+537)" -gt 500 ]; }
echo '{"format": 1, "theme"' >"$kept"
start "$fixtures/squeeze.onnx" --width 900 --height 600
until_true "damaged settings are not replaced by the usual ones" is_dark
until_true "no notice" notice_is_there
stop q
echo PASSED
