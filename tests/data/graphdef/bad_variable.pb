
G
inputPlaceholder*
dtype0*$
shape:ÿÿÿÿÿÿÿÿÿ
D
conv/kernelVarHandleOp*
dtype0*
shape:
(
	conv/readReadVariableOpconv/kernel
H
convConv2Dinput	conv/read*
strides
*
paddingSAME"