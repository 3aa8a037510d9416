
G
inputPlaceholder*
dtype0*$
shape:ÿÿÿÿÿÿÿÿÿ

axisReluinput
&
joinedConcatV2inputinputaxis"