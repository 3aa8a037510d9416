
G
inputPlaceholder*
dtype0*$
shape:ÿÿÿÿÿÿÿÿÿ
G
otherPlaceholder*
dtype0*$
shape:ÿÿÿÿÿÿÿÿÿ

sumAddinputother"