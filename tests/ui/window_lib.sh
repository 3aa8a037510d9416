# What the scripts that drive the window share: a virtual display, the program, screenshots, waiting. To be read
# by them once $program, $fixtures and $output are set; leaves them in $output, with the display running.
# Exit 77 (skipped) where the tools are missing. Set display_size before for a display of another size than 1600x1000.
# shellcheck shell=sh
# shellcheck disable=SC2154 # set by who reads this
for tool in Xvfb xdotool xprop import compare identify; do
    command -v "$tool" >/dev/null || { echo "SKIPPED: $tool is not installed"; exit 77; }
done

rm -rf "$output"
mkdir -p "$output"
cd "$output"
server=
app=
cleanup() {
    if [ -n "$app" ]; then kill "$app" 2>/dev/null || true; fi
    if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi
}
trap cleanup EXIT
fail() {
    echo "FAILED: $*"
    import -silent -window root failure.png 2>/dev/null || true
    exit 1
}

Xvfb -displayfd 3 -screen 0 "${display_size:-1600x1000}x24" -nolisten tcp -noreset 3>display 2>xvfb.log &
server=$!
for _ in $(seq 600); do
    [ -s display ] && break
    sleep 0.1
done
[ -s display ] || fail "the virtual display did not start"
DISPLAY=:$(cat display)
export DISPLAY
export SDL_VIDEODRIVER=x11

# start ARGUMENTS...: the program with its window at the top left; its process is $app, its window $window
# With settings as at the very first start, unless $keep_settings is set.
start() {
    if [ -z "${keep_settings:-}" ]; then rm -rf "$output/config"; fi
    XDG_CACHE_HOME="$output/cache" XDG_CONFIG_HOME="$output/config" "$program" --frame-stats --export-folder "$output" \
        --images "$fixtures/../images" "$@" >stdout 2>stderr &
    app=$!
    window=
    for _ in $(seq 600); do
        window=$(xdotool search --onlyvisible --pid "$app" --name filterscope 2>/dev/null | head -n 1) || true
        [ -n "$window" ] && break
        kill -0 "$app" 2>/dev/null || fail "the program ended at once: $(cat stderr)"
        sleep 0.1
    done
    [ -n "$window" ] || fail "no window"
    xdotool windowmove --sync "$window" 0 0 2>/dev/null || true
    xdotool windowfocus "$window" mousemove 1500 950
}

shot() { import -silent -window "$window" "$1.png"; }

# detail PICTURE GEOMETRY: how much goes on there, 0 (one colour) to 65535
detail() { convert "$1.png" -crop "$2" +repage -colorspace gray -format '%[fx:standard_deviation*65535]' info: | cut -d. -f1; }

# changed A B GEOMETRY: pixels that differ there
changed() {
    convert "$1.png" -crop "$3" +repage a.part.png
    convert "$2.png" -crop "$3" +repage b.part.png
    # Scientific notation for many pixels; compare exits with 1 when they differ.
    compare -metric AE a.part.png b.part.png null: 2>&1 | awk '{printf "%d", $1}' || true
}

# until_true WHAT COMMAND...: tries for at least five minutes, of which a machine with other work may need some
until_true() {
    what=$1
    shift
    for _ in $(seq 1500); do
        if "$@"; then return 0; fi
        sleep 0.2
    done
    fail "$what"
}

# shows PICTURE GEOMETRY DETAIL: a new shot has more detail than that there
shows() { shot "$1" && [ "$(detail "$1" "$2")" -gt "$3" ]; }
wall_has_pictures() { shot wall && [ "$(detail wall 100x100+254+90)" -gt 2000 ]; }
differs() { shot now && [ "$(changed "$1" now "$2")" -gt "$3" ]; }
file_is_there() { ls "$output"/*-*.png >/dev/null 2>&1 && [ -s "$(ls "$output"/*-*.png | head -n 1)" ]; }

# Nothing is computed for three seconds. On a busy machine a wall may take a while to come to its end before.
ticks() { awk '{print $14 + $15}' "/proc/$app/stat"; }
is_idle() {
    begun=$(ticks)
    sleep 3
    idle=$(($(ticks) - begun))
    [ "$idle" -le 6 ] && echo "processor time in 3 s of idling: $idle ticks"
}

# stop KEYS...: closes the window with these keys and checks the exit code
stop() {
    begun=$(date +%s%N)
    xdotool key "$@"
    code=0
    wait "$app" || code=$?
    echo "left after $((($(date +%s%N) - begun) / 1000000)) ms, exit code $code"
    app=
    [ "$code" = 0 ] || fail "exit code $code: $(cat stderr)"
}
