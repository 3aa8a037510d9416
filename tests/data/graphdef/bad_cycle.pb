
G
inputPlaceholder*
dtype0*$
shape:ÿÿÿÿÿÿÿÿÿ

aAddinputb

bRelua

cRelub"