
G
inputPlaceholder*
dtype0*$
shape:ÿÿÿÿÿÿÿÿÿ
.
lrnLRNinput*
depth_radiusüÿÿÿÿÿÿÿÿ"