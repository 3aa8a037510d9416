
G
inputPlaceholder*
dtype0*$
shape:ÿÿÿÿÿÿÿÿÿ	
P
maxMaxPoolinput*
ksize
*
strides
*
paddingSAME
R
averageAvgPoolmax*
ksize
*
strides
*
paddingSAME"