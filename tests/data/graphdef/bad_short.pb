
G
inputPlaceholder*
dtype0*$
shape:ÿÿÿÿÿÿÿÿÿ
2
wConst*
dtype0*
valueB	"1234
@
convConv2Dinputw*
strides
*
paddingSAME"