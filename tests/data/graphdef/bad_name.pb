
G
inputPlaceholder*
dtype0*$
shape:ÿÿÿÿÿÿÿÿÿ

a:1Reluinput"