
G
inputPlaceholder*
dtype0*$
shape:ÿÿÿÿÿÿÿÿÿ
:
aConst*
dtype0*!
valueB"W¹:¿¹C¿^-©?
:
bConst*
dtype0*!
valueB"ó¡^?~[¿:ÇÀ=
:
cConst*
dtype0*!
valueB"Œ£¿ ?±’¿
:
dConst*
dtype0*!
valueB"U%˜¿æª@ŸÙ·¿
<
normFusedBatchNorminputabcd*
is_training("