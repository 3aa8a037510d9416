
G
inputPlaceholder*
dtype0*$
shape:ÿÿÿÿÿÿÿÿÿ
L
wConst*
dtype0*3
value*B($€€€€€ €€€€€ €€€€€ €€€€€ 
@
convConv2Dinputw*
strides
*
paddingSAME"