#!/bin/sh
# The window's Picture view as a user meets it, on a virtual display of its own.
#   window_picture.sh PROGRAM FIXTURES OUTPUT
# Screenshots go to OUTPUT and stay there. Exit 77 (skipped) where the tools are missing.
set -eu
program=$1
fixtures=$2
output=$3

. "$(dirname "$0")/window_lib.sh"

# Parts of the view in a window of 900 x 600 pixels.
picture=290x290+268+126
classes=280x66+590+155
side=280x200+590+310

# a picture with something in it
convert -size 300x240 plasma:green-orange -seed 4 -fill black -draw 'rectangle 90,60 200,180' picture.png
mkdir -p folder
cp picture.png folder/first.png
convert -size 200x200 plasma:blue-red -seed 5 folder/second.png
printf 'no picture at all' >broken.png

echo "-- without a picture: the folder's files, one chosen by keys"
start "$fixtures/squeeze.onnx" --width 900 --height 600 --images folder
until_true "the wall stays empty" wall_has_pictures
shot wall
xdotool key i
until_true "I opens no Picture view" differs wall "$picture" 20000
files_are_there() { shot now && [ "$(detail now "$side")" -gt 1500 ]; }
until_true "the files of the folder are not listed" files_are_there
cp now.png empty.png
xdotool key Home Return
until_true "Enter on a file shows no picture" differs empty "$picture" 20000
predictions_are_there() { shot now && [ "$(detail now "$classes")" -gt 2000 ]; }
until_true "there are no predictions" predictions_are_there
sleep 1
shot first
xdotool key Down Return
until_true "the next file shows no other picture" differs first "$picture" 20000

echo "-- a path that is typed, one that is none, one that is no picture"
sleep 1
shot before
xdotool mousemove 420 95 click 1 key ctrl+a
xdotool type --delay 10 "$output/picture.png"
xdotool key Return
until_true "a typed path shows no picture" differs before "$picture" 20000
sleep 1
shot typed
for wrong in nowhere.png broken.png; do
    xdotool mousemove 420 95 click 1 key ctrl+a
    xdotool type --delay 10 "$output/$wrong"
    xdotool key Return
    until_true "$wrong gives no error" differs typed 640x30+244+536 1000
    xdotool mousemove 880 580 key Escape
    sleep 0.5
done
shot after-errors

echo "-- a picture on the clipboard, and one that goes there"
if command -v xclip >/dev/null; then
    convert -size 200x200 gradient:white-red clip.png
    shot before
    xclip -selection clipboard -t image/png -i clip.png
    xdotool mousemove 880 580 key Tab ctrl+v
    until_true "Ctrl V shows no picture of the clipboard" differs before "$picture" 20000
    ls "$output"/cache/filterscope/pasted/*.png >/dev/null || fail "the pasted picture is not kept"
    xdotool key Escape
    until_true "the wall stays empty" wall_has_pictures
    shot wall
    xdotool mousemove 310 130 click 1 mousemove 880 580
    until_true "a click opens no channel" differs wall "$picture" 20000
    sleep 1
    xdotool key ctrl+shift+c
    copied() {
        xclip -selection clipboard -t image/png -o >copied.png 2>/dev/null &&
            [ "$(identify -format %m copied.png 2>/dev/null)" = PNG ] && grep -q filterscope:layer copied.png
    }
    until_true "Ctrl Shift C copies no picture" copied
    xdotool key Escape Escape
    sleep 0.5
    xdotool key i
    until_true "the Picture view has lost its picture" differs wall "$picture" 20000
    xdotool mousemove 420 95 click 1 key ctrl+a
    xdotool type --delay 10 "$output/picture.png"
    xdotool key Return
    until_true "the picture does not come back" differs before "$picture" 1 || true
    sleep 1
else
    echo "xclip is not installed: left out"
fi

echo "-- maps of another layer"
xdotool key 1
sleep 1
shot before
xdotool key n
until_true "N shows no other maps" differs before "$side" 3000
cp now.png maps.png

echo "-- a click: channels there; one of them, and back"
xdotool mousemove 350 200 click 1
until_true "a click shows no channels" differs maps "$side" 2000
sleep 0.5
shot place
xdotool mousemove 620 365 click 1
until_true "a click on a channel does not open it" differs place "$picture" 20000
sleep 0.5
shot channel
xdotool key Escape
until_true "Escape does not lead back to the picture" differs channel "$picture" 20000

echo "-- a drag covers; predictions follow before the button is let go"
xdotool mousemove 880 580
sleep 1
shot before
xdotool mousemove 330 220 mousedown 1
for x in 345 360 380 400 420 440 460 480; do
    xdotool mousemove $x 240
    sleep 0.05
done
until_true "a drag covers nothing" differs before "$picture" 3000
until_true "the predictions do not follow the drag" differs before "$classes" 100
xdotool mouseup 1 mousemove 880 580
sleep 1
shot covered
xdotool key u
until_true "U does not take the stroke back" differs covered "$picture" 3000
is_as_before() { shot now && [ "$(changed before now "$picture")" -eq 0 ] && [ "$(changed before now "$classes")" -eq 0 ]; }
until_true "taking the stroke back does not lead back" is_as_before

echo "-- covering by keys"
shot before
xdotool mousemove 400 260 click 1 mousemove 880 580 key space
until_true "Space covers nothing" differs before "$picture" 800
xdotool key c
sleep 1

echo "-- overlays"
for method in gradient smoothgrad guided integrated gradcam; do
    shot before
    xdotool key o
    until_true "the overlay $method is not drawn" differs before "$picture" 5000
    sleep 1
    shot "overlay-$method"
done

echo "-- help, a larger window, an idle window, leaving"
shot before
xdotool key question
until_true "? shows no keys" differs before 300x200+300+150 1000
cp now.png help.png
xdotool key Escape
xdotool windowsize "$window" 1400 900
larger() { shot large && [ "$(identify -format '%wx%h' large.png)" = 1400x900 ]; }
until_true "the window does not follow its size" larger
until_true "an idle window computes" is_idle
xdotool key o o
stop q
if ls .*.png ./*.tmp* 2>/dev/null | grep -q .; then fail "something is left behind"; fi
echo PASSED
