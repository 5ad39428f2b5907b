#!/bin/sh
# SPDX-License-Identifier: MIT
# plait model: figures, drawing and JSON of a network; and the language of --model in all commands:
# residuals, words in a file, presets, what of it is saved with weights, and PyTorch's names of them.
. "$SRC/tests/cli/common"

# same FILE FILE WHAT
same()
{
	cmp -s "$1" "$2" || bad "$3: $1 and $2 differ"
}

# has FILE PATTERN
has()
{
	grep -Eq -e "$2" "$1" || { cat "$1"; bad "$1: no line like: $2"; }
}

# figure KEY FILE: the network's, which come last.
figure()
{
	sed -n "s/^  \"$1\": \([0-9]*\),*$/\1/p" "$2"
}

# -- the table -------------------------------------------------------------------------------------

expect 0 '^0.linear +\[512\] +401,920 +803 k +2 KiB$' model 'linear:512 relu linear:10' --input 784 --json m.json
has out '^input +\[784\]$'
has out '^1.relu +\[512\] +0 +512 +2 KiB$'
has out '^in all +407,050 +814 k +4.0 KiB$'
has out 'for 1 sample; parameters take 1.6 MiB\.$'
[ "$(figure parameters m.json)" -eq $((785 * 512 + 513 * 10)) ] || bad 'parameters'
[ "$(figure parameter_bytes m.json)" -eq $((4 * (785 * 512 + 513 * 10))) ] || bad 'bytes of parameters'
[ "$(figure flops m.json)" -eq $((2 * 784 * 512 + 512 + 2 * 512 * 10)) ] || bad 'flops'
[ "$(figure bytes m.json)" -eq $((4 * (512 + 512 + 10))) ] || bad 'memory'

# Three samples have three times the flops and the memory; the network is the same.
net='linear:16 relu residual{ linear:16 tanh residual{ linear:16 } | linear:16 } linear:3'
expect 0 'for 3 samples' model "$net" --input 2x3x4 --batch-size 3 --json three.json
expect 0 '^2.body.2.body.0.linear +\[16\] +272 ' model "$net" --input 2x3x4 --json one.json --dot one.dot
for key in flops bytes; do
	[ "$(figure $key three.json)" -eq $((3 * $(figure $key one.json))) ] || bad "$key of 3 samples"
done
[ "$(figure parameters three.json)" -eq "$(figure parameters one.json)" ] || bad 'parameters of 3 samples'
# The sum is that of the lines.
for key in parameters parameter_bytes flops bytes; do
	sed -n "s/^      \"$key\": \([0-9]*\),*$/\1/p" one.json |
		awk -v all="$(figure $key one.json)" '{ s += $1 } END { exit NR != 9 || s != all }' || bad "the sum of $key"
done
has one.json '"model": "linear:16 relu residual\{ linear:16 tanh residual\{ linear:16 \} \| linear:16 \} linear:3"'
tr -d ' \n' <one.json >flat.json
has flat.json '"input":\[2,3,4\],"batch_size":1,"layers":\[\{"name":"0.linear","op":"linear","reads":\["input"\],"output":\[16\],'
has flat.json '\{"name":"2.body.2.add","op":"add","reads":\["2.body.2.body.0.linear","2.body.1.tanh"\],'
has flat.json '\{"name":"2.shortcut.0.linear","op":"linear","reads":\["1.relu"\],'
has flat.json '\{"name":"2.add","op":"add","reads":\["2.body.2.add","2.shortcut.0.linear"\],'

# Each activation has the flops of its formula, and a name as its op has: of 7 numbers.
expect 0 '^2.leaky_relu +\[7\] +0 +14 +28 B$' model 'silu hardswish leaky-relu:0.2 log-softmax' --input 7 --json act.json
has out '^0.silu +\[7\] +0 +140 +28 B$'
has out '^1.hardswish +\[7\] +0 +35 +28 B$'
has out '^3.log_softmax +\[7\] +0 +147 +28 B$'
has act.json '"model": "silu hardswish leaky-relu:0.2 log-softmax"'
has act.json '"op": "log_softmax"'

# A flatten that is not written costs nothing, and one that is neither.
expect 0 '^0.linear +\[4\] +52 ' model linear:4 --input 3x4 --json a.json
expect 0 '^0.flatten +\[12\] +0 +0 +0 B$' model 'flatten linear:4' --input 3x4 --json b.json
[ "$(figure bytes a.json)$(figure flops a.json)" = "$(figure bytes b.json)$(figure flops b.json)" ] || bad 'a flatten'

# What stands in for a batchnorm where nothing is trained is no layer, and is not counted.
expect 0 '^1.batchnorm +\[4,3,3\] +8 +252 +176 B$' model 'conv:4,3 batchnorm relu' --input 2x5x5 --dot norm.dot
has out '^0.conv +\[4,3,3\] +76 +1.30 k +344 B$'
[ "$(grep -c -e '->' norm.dot)" -eq 3 ] || bad 'a stand-in is drawn'

# -- the drawing -----------------------------------------------------------------------------------

[ "$(grep -c '^ *"[^"]*" \[label=' one.dot)" -eq 9 ] || bad 'a box for each layer'
[ "$(grep -c -e '->' one.dot)" -eq 11 ] || bad 'arrows'
# Frames: the inner one closes before the shortcut begins, the outer one behind the sum.
sed -n 's/^ *subgraph "\(.*\)" {.*/\1/p; s/^ *\(}\)$/\1/p; s/^ *"\([^"]*\)" \[.*/\1/p' one.dot | tr '\n' ' ' >frames
[ "$(cat frames)" = '0.linear 1.relu cluster_2 2.body.0.linear 2.body.1.tanh cluster_2.body.2 2.body.2.body.0.linear 2.body.2.add } 2.shortcut.0.linear 2.add } 3.linear } ' ] ||
	{ cat frames; bad 'the frames of a drawing'; }
# Two residuals of which one begins as the other: 1 and 10.
expect 0 . model 'residual{tanh} residual{tanh} relu relu relu relu relu relu relu relu residual{tanh} relu' --input 3 --dot ten.dot
[ "$(grep -c subgraph ten.dot)" -eq 3 ] && [ "$(grep -c '^  }' ten.dot)" -eq 3 ] || bad 'residuals one behind the other'
if command -v dot >dot.path; then
	for drawing in one ten; do
		dot -Tsvg $drawing.dot >$drawing.svg 2>err && [ ! -s err ] || bad 'what Graphviz says of the drawing'
	done
	[ "$(grep -c '<g id="clust' one.svg)" -eq 2 ] || bad 'frames that Graphviz draws'
else
	echo 'without Graphviz: drawings are not drawn'
fi

# -- wrong arguments -------------------------------------------------------------------------------

expect 2 'model: needs WORDS' model
expect 2 'model: needs --input SHAPE' model linear:3
expect 2 'what is "relu"\? the words of a network are one argument, in quotes' model linear:3 relu --input 3
for shape in x 3x 0 3x0 -1 3X4 ' 3' 3,4 1x1x1x1x1x1x1 99999999999999999999 3000000000x3000000000x3000000000; do
	expect 2 '--input: ".*" is no SHAPE: .* as 784 or 3x32x32, 6 at most' model linear:3 --input="$shape"
done
expect 2 'unknown layer "liner", did you mean "linear"' model liner:3 --input 3
expect 2 'residual 0: its body gives \[4\]' model 'residual{linear:4}' --input 3
expect 2 '"0" is no whole number' model linear:3 --input 3 --batch-size 0
expect 2 'no option "--data" \(train has it\)' model linear:3 --input 3 --data synthetic:9,9,9
expect 1 'there is no folder nowhere' model linear:3 --input 3 --dot nowhere/x
expect 1 'WORDS nowhere: No such file' model @nowhere --input 3
expect 2 'needs the name of a file behind the @' model @ --input 3
# More parameters than can be counted are no fault of the table.
expect 0 '^in all +\? ' model 'linear:4000000000000000000 linear:1 linear:4000000000000000000' --input 2
"$plait" model --help >help
[ "$(sed -n 's/^  \(--[a-z-]*\).*/\1/p' help | tr '\n' ' ')" = '--batch-size --input --json --dot --help-all --help ' ] ||
	{ cat help; bad 'the help'; }
has help '^residual\{ WORDS \} or residual\{ WORDS \| WORDS \} '
has help '^  mlp  *[a-z]'
for word in $(sed -n '/One word for a network/,$ s/^  \([a-z0-9-]*\) .*/\1/p' help); do
	grep -q "^\.BR* .*$word" "${MAN:-$SRC/src/cli/plait.1}" || bad "$word is not in the manual"
	expect 0 '^in all' model "$word:7" --input 3x224x224
done

# -- words in a file, and presets --------------------------------------------------------------------

data=synthetic:320,10,3
cat >net.txt <<'END'
# A network with residuals.
linear:16 relu          # [16]
residual {
	linear:16 tanh
	residual{linear:16} # in the other one
|	linear:16
}
linear:3
END
expect 0 '^Epoch 1/1' train --data $data --model "$net" --epochs 1 --save words.st
expect 0 '^Epoch 1/1' train --data $data --model @net.txt --epochs 1 --save file.st
same words.st file.st 'words in a file'
! grep -aq 'net\.txt' file.st || bad 'the name of the file is saved'
grep -aFq "\"plait.model\":\"$net\"" file.st || bad 'the words are not saved'
expect 0 'accuracy' eval --data $data --model @net.txt --init words.st
[ ! -s err ] || bad 'weights of the same layers'
expect 0 'accuracy' eval --data $data --model "linear:16 tanh${net#* relu}" --init words.st
has err 'has weights of --model ".*", and other layers are asked for'
expect 0 '^sample,class' predict --data $data --init file.st
has err "^plait: --model \"linear:16 relu residual\{ linear:16 tanh"
cp out alone.csv
expect 0 '^sample,class' predict --data $data --init file.st --model @net.txt
same out alone.csv 'the file of weights says of what network it is'

# What is wrong in a file is told with its line.
wrong()
{
	printf '%b' "$1" >wrong.txt
	expect 2 "$2" model @wrong.txt --input 3
	expect 2 "$2" train --data synthetic:32,3,3 --model @wrong.txt
}
wrong 'relu\n\nlinear:3 rleu\n' '^plait: wrong.txt: line 3: model: unknown layer "rleu"'
wrong 'relu\nlinear:3 residual{\n# }\nrelu\n' '^plait: wrong.txt: line 2: model: expected "}" of a residual'
wrong 'relu residual{\nlinear:4\n}\n' '^plait: wrong.txt: line 1: model: residual 1: its body gives \[4\]'
wrong 'relu\n}' '^plait: wrong.txt: line 2: model: expected a layer or the end, found "}"'
wrong '# nothing\n' '^plait: wrong.txt: line 2: model: no layers'
wrong '' '^plait: wrong.txt: model: no layers'
awk 'BEGIN { while (i++ < 7000) print "linear:100" }' >wrong.txt
expect 2 '^plait: wrong.txt: .*more than 65536 bytes of words' model @wrong.txt --input 3
printf 'relu\000relu' >wrong.txt
expect 1 '^plait: wrong.txt: offset 4: expected text, found a zero' model @wrong.txt --input 3
expect 1 'expected a file, found a folder' model @. --input 3
# Words in a file of weights are words, whatever they begin with.
sed 's/"plait.model":"linear/"plait.model":"@inear/' file.st >at.st
expect 2 'needs --model WORDS, as at.st does not say its layers' predict --data $data --init at.st

# A preset has as many outputs as the data have classes or targets; else 10; else what it is told.
expect 0 '^4.linear +\[10\]' model mlp --input 784
expect 0 '^4.linear +\[7\]' model mlp:7 --input 784
expect 0 '^Epoch 1/1' train --data $data --model mlp --epochs 1 --save preset.st
grep -aFq '"plait.model":"linear:512 relu linear:512 relu linear:3"' preset.st || bad 'a preset for 3 classes'
expect 0 '^Epoch 1/1' train --data $data --model mlp:5 --epochs 1 --save preset.st
grep -aFq ' relu linear:5"' preset.st || bad 'a preset that is told how many'
expect 0 accuracy eval --data $data --model mlp:5 --init preset.st
! grep -q 'other layers' err || bad 'a preset and its words are one network'
expect 0 '^sample,class' predict --data $data --init preset.st
awk 'BEGIN { for (i = 0; i < 40; i++) print i / 40 "," i % 7 / 7 "," i / 80 }' >t.csv
expect 0 '^Epoch 1/1' train --data csv:t.csv --model mlp --loss mse --epochs 1 --save preset.st
grep -aFq ' relu linear:1"' preset.st || bad 'a preset for a target'
expect 2 'mlp takes the number of its outputs, as in mlp:10' train --data $data --model mlp:x
expect 2 'found "relu" behind "mlp"' train --data $data --model 'mlp relu'
expect 2 'did you mean "mlp"' train --data $data --model mpl

# A bar in braces is the model's, and ends no value of a sweep.
expect 0 '^\[model=residual\{linear:3\|linear:3\}\] Training: .* 66 parameters' train --data $data --epochs 1 \
	--sweep 'model=linear:3|residual{linear:3|linear:3}|@net.txt|mlp'
has out '^\[model=@net.txt\] Training: .* 1043 parameters'
has out '^\[model=mlp\] Training'

# -- tasks, places, traces ---------------------------------------------------------------------------

expect 0 '^bwd/2.body.2.body.0.linear ' train --data $data --model "$net" --epochs 1 --granularity layer --print-plan \
	--save layer.st
same words.st layer.st 'granularity layer'
has out '^fwd/2.add +- '
has out '^upd/2.shortcut.0.linear +- .*RW:par/2.shortcut.0.weight'
for grain in op phase step run:3; do
	expect 0 . train --data $data --model "$net" --epochs 1 --granularity $grain --save grain.st
	same words.st grain.st "granularity $grain"
done
expect 0 . train --data $data --model "$net" --epochs 1 --shards 2 --save shards.st
expect 0 'stage' train --data $data --model "$net" --epochs 1 --microbatches 2 --place '0-1:cpu0 2-:cpu1' --save place.st --print-plan
same shards.st place.st 'stages'
expect 2 '"4" names no layers of this network: it has 0 to 3' train --data $data --model "$net" --place '4:cpu0'
expect 0 '^fwd/2.body.2.add ' models --data $data --model "$net" --granularity layer
expect 0 . trace --source profiling --perfetto tasks.json -- train --data $data --model "$net" --epochs 1 --granularity layer
for task in fwd/2.body.2.body.0.linear fwd/2.add bwd/2.shortcut.0.linear upd/2.body.0.linear; do
	grep -Fq "\"$task\"" tasks.json || bad "a trace without $task"
done

# -- PyTorch ---------------------------------------------------------------------------------------

/usr/bin/python3 -c 'import torch' 2>/dev/null || { echo 'without PyTorch: weights are not exchanged with it'; exit $failed; }
cat >exchange.py <<'END'
"""Reads file.st and norm.st into modules of PyTorch's, predicts, and writes weights for plait."""
import csv, json, struct, sys
import torch
from torch import nn

class Residual(nn.Module):
    def __init__(self, *body, shortcut=()):
        super().__init__()
        self.body, self.shortcut = nn.Sequential(*body), nn.Sequential(*shortcut)

    def forward(self, x):
        return self.body(x) + self.shortcut(x)

def load(path):
    data = open(path, "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__")
    def tensor(entry):
        a, b = entry["data_offsets"]
        dtype = {"F32": torch.float32, "I64": torch.int64}[entry["dtype"]]
        return torch.frombuffer(bytearray(data[8 + size + a:8 + size + b]), dtype=dtype).reshape(entry["shape"])
    return {name: tensor(entry) for name, entry in header.items()}

def save(path, state):
    header, body = {}, b""
    for name, value in state.items():
        whole = value.dtype == torch.int64
        raw = struct.pack("<%d%s" % (value.numel(), "q" if whole else "f"), *value.flatten().tolist())
        header[name] = {"dtype": "I64" if whole else "F32", "shape": list(value.shape), "data_offsets": [len(body), len(body) + len(raw)]}
        body += raw
    text = json.dumps(header).encode()
    open(path, "wb").write(struct.pack("<Q", len(text)) + text + body)

def worst(net, x, path):
    rows = torch.tensor([[float(v) for v in row[1:]] for row in list(csv.reader(open(path)))[1:]])
    return (net(x) - rows).abs().max().item()

torch.manual_seed(1)
net = nn.Sequential(nn.Linear(10, 16), nn.ReLU(),
    Residual(nn.Linear(16, 16), nn.Tanh(), Residual(nn.Linear(16, 16)), shortcut=[nn.Linear(16, 16)]),
    nn.Linear(16, 3))
norm = nn.Sequential(nn.Linear(10, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 3))
x = torch.tensor([[float(v) for v in line.split(",")][:10] for line in open("x.csv")])
norm(x)
norm.eval()
if sys.argv[1] == "write":
    save("torch.st", net.state_dict())
    save("torch-norm.st", norm.state_dict())
    sys.exit()
# Sums of 16 products of numbers below 8, in another order: some 1e-6.
assert worst(net, x, "torch.csv") < 2e-5, "outputs of PyTorch's weights"
net.load_state_dict(load("file.st"), strict=True)
assert worst(net, x, "plait.csv") < 2e-5, "outputs of plait's weights"
assert worst(norm, x, "torch-norm.csv") < 2e-5, "outputs of PyTorch's running values"
state = load("norm.st")
assert list(state) == list(norm.state_dict()), "the order of the state_dict"
norm.load_state_dict(state, strict=True)
assert norm[1].num_batches_tracked.dtype == torch.int64 and norm[1].num_batches_tracked == 15
assert worst(norm, x, "norm.csv") < 2e-5, "outputs of plait's running values"
END
awk 'BEGIN { srand(3); for (i = 0; i < 50; i++) { for (j = 0; j < 10; j++) printf "%.4f,", 4 * rand() - 2; print i % 3 } }' >x.csv
/usr/bin/python3 exchange.py write 2>err || bad 'writing weights by PyTorch'
expect 0 . predict --data csv:x.csv --init torch.st --loss mse --model @net.txt
cp out torch.csv
"$plait" predict --data csv:x.csv --init file.st --loss mse >plait.csv 2>err || bad 'predicting'
expect 0 . predict --data csv:x.csv --init torch-norm.st --loss mse --model "linear:16 batchnorm relu linear:3"
cp out torch-norm.csv
expect 0 ' 259 parameters' train --data csv:x.csv --model "linear:16 batchnorm relu linear:3" --epochs 3 \
	--batch-size 10 --save norm.st
"$plait" predict --data csv:x.csv --init norm.st --loss mse >norm.csv 2>err || bad 'predicting'
/usr/bin/python3 exchange.py compare 2>err || bad 'weights that PyTorch and plait exchange'
exit $failed
