#!/bin/sh
# Makes every size of the icon from holdfast.svg. Needs librsvg2-bin, icoutils and icnsutils.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
png() { rsvg-convert --width "$1" --height "$1" --output "$2" holdfast.svg; }

png 32 32x32.png
png 128 128x128.png
png 256 128x128@2x.png
png 512 icon.png
for size in 16 32 48 64 128 256 512; do png "$size" "$work/$size.png"; done
icotool --create --output icon.ico "$work/16.png" "$work/32.png" "$work/48.png" "$work/64.png" --raw="$work/256.png"
png2icns icon.icns "$work/16.png" "$work/32.png" "$work/48.png" "$work/128.png" "$work/256.png" "$work/512.png"
