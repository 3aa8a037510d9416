
G
inputPlaceholder*
dtype0*$
shape:ÿÿÿÿÿÿÿÿÿ
 
poolFractionalMaxPoolinput"