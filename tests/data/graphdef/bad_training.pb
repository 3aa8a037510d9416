
G
inputPlaceholder*
dtype0*$
shape:ÿÿÿÿÿÿÿÿÿ
:
aConst*
dtype0*!
valueB"ü§C? b´?]f(=
:
bConst*
dtype0*!
valueB"VnÜ>½5?@aÊ>
:
cConst*
dtype0*!
valueB"9èË>À–R¿£±?
:
dConst*
dtype0*!
valueB"-à#¿ûB5¿t‹ˆ¿
<
normFusedBatchNorminputabcd*
is_training("