
G
inputPlaceholder*
dtype0*$
shape:ÿÿÿÿÿÿÿÿÿ


wConst
@
convConv2Dinputw*
strides
*
paddingSAME"