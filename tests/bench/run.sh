#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs the benchmarks, each job in Plait and in PyTorch in turn (A B A B ...), and prints
# the median of each, the extremes, and the ratio of the medians. Figures depend on the
# machine and on what else it does: none passes or fails.
#
# usage: run.sh [BUILD_FOLDER]     (`make bench` does it)
# environment: ROUNDS=N            times each is run, default 5
#              PYTHON=PROGRAM      a python3 that can import torch
#              PARTS='train ...'    only these parts: train, convnets, shards, shards_auto, parallel, workers, loader,
#                                  images, overlap, validation, submit, own, pool, predictor, plan, memory, ops;
#                                  and gpu, convnets_gpu and tiny, for tests/gpu-check
#              BENCH_HOME=DIR      where StarPU has measured this machine already
#              PLAIT_CIFAR_JPEG=DIR CIFAR-10 as JPEG files: DIR/train/CLASS/*.jpg, for images
set -u
here=$(cd "$(dirname "$0")" && pwd)
bench=${1:-.}/tests/bench program=${1:-.}/src/cli/plait
rounds=${ROUNDS:-5}
parts=${PARTS:-train convnets shards shards_auto parallel workers loader images overlap validation submit own pool predictor plan memory ops}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 130' INT TERM
export STARPU_SILENT=1 STARPU_HOME="${BENCH_HOME:-$dir}"

python=
for candidate in ${PYTHON:-} python3 /usr/bin/python3; do
	if "$candidate" -c 'import torch' 2>/dev/null; then
		python=$candidate
		break
	fi
done

# measure NAME COMMAND...: runs it once and adds each "quantity value unit" it prints to
# $dir/NAME.quantity.
measure()
{
	name=$1
	shift
	if ! "$@" >"$dir/out" 2>"$dir/err"; then
		echo "$*: failed" >&2
		sed 's/^/    /' "$dir/err" >&2
		exit 1
	fi
	while read -r quantity value unit; do
		echo "$value" >>"$dir/$name.$quantity"
		echo "$unit" >"$dir/$name.$quantity.unit"
	done <"$dir/out"
}

# statistics FILE: median, least and most.
statistics()
{
	sort -g "$1" | awk '
		{ v[NR] = $1 }
		END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2, v[1], v[NR] }'
}

# show LABEL NAME.QUANTITY
show()
{
	# shellcheck disable=SC2046 # three words
	set -- "$1" "$2" $(statistics "$dir/$2")
	printf '  %-32s %10.5g %-9s (%.5g to %.5g)\n' "$1" "$3" "$(cat "$dir/$2.unit")" "$4" "$5"
}

# ratio LABEL NAME.QUANTITY NAME.QUANTITY: of the medians, first by second.
ratio()
{
	printf '  %-32s %10.3g times\n' "$1" \
		"$(echo "$(statistics "$dir/$2") $(statistics "$dir/$3")" | awk '{ print $1 / $4 }')"
}

# pairs LABEL NAME.QUANTITY NAME.QUANTITY: the ratio of each two that were measured one after the
# other, first by second.
pairs()
{
	paste -d' ' "$dir/$2" "$dir/$3" | awk '{ print $1 / $2 }' >"$dir/pairs"
	echo times >"$dir/pairs.unit"
	show "$1" pairs
}

# peer NAME SCRIPT [ARGUMENT]: like measure; nothing where PyTorch is absent.
peer()
{
	[ -n "$python" ] || return 0
	name=$1 script=$2
	shift 2
	measure "$name" "$python" -B "$here/peers/$script" "$@"
}

# show_peer LABEL NAME.QUANTITY
show_peer()
{
	if [ -n "$python" ]; then
		show "$@"
	else
		printf '  %-32s    skipped: no python3 that can import torch\n' "$1"
		return 1
	fi
}

# beside TITLE JOB [DEVICE]: the job in Plait and in PyTorch.
beside()
{
	echo "$1, time of a step"
	for _ in $(seq "$rounds"); do
		measure "plait-$2" "$bench/train" "$2"
		peer "torch-$2" train.py "$2" ${3:+"$3"}
	done
	show Plait "plait-$2.us_per_step"
	show_peer PyTorch "torch-$2.us_per_step" &&
		ratio 'PyTorch / Plait' "torch-$2.us_per_step" "plait-$2.us_per_step"
}

bench_train()
{
	beside 'Seed program, loader in process' seed
	beside 'Seed program, 4 loader workers' seed-4-workers
	beside 'MLP 784-200-100-60-30-10, batch 100, Adam' mlp
}

# Networks of images, and what oneDNN alone needs for their convolutions. PyTorch's channels_last is the
# format that Plait has anyway.
bench_convnets()
{
	for net in cnn resnet8 mobilenet-small; do
		echo "$net, Adam, 2 shards on 2 workers, time of a step"
		for _ in $(seq "$rounds"); do
			measure "floor-$net" "$bench/floor" "$net" 2
			STARPU_NCPU=2 STARPU_NCUDA=0 measure "plait-$net" "$bench/train" "$net" 2
			peer "torch-$net" images.py "$net"
		done
		show 'oneDNN alone, its convolutions' "floor-$net.floor_us"
		show Plait "plait-$net.us_per_step"
		pairs '  Plait / oneDNN alone' "plait-$net.us_per_step" "floor-$net.floor_us"
		show_peer PyTorch "torch-$net.us_per_step" || continue
		pairs '  Plait / PyTorch' "plait-$net.us_per_step" "torch-$net.us_per_step"
		show 'PyTorch, channels_last' "torch-$net.channels_last_us_per_step"
		pairs '  Plait / PyTorch, channels_last' "plait-$net.us_per_step" \
			"torch-$net.channels_last_us_per_step"
	done
}

# No PyTorch from here on, if it cannot use the GPU.
need_torch_on_gpu()
{
	[ -z "$python" ] || "$python" -B "$here/peers/train.py" wide cuda >/dev/null 2>"$dir/err" ||
		{ echo "PyTorch on the GPU: skipped: $(tail -n 1 "$dir/err")"; python=; }
}

# The same on a GPU, and who computes their convolutions in Plait.
bench_convnets_gpu()
{
	echo "cuDNN: $("$program" doctor | sed -n 's/^ *cuDNN *//p')"
	need_torch_on_gpu
	for net in cnn resnet8 mobilenet-small; do
		echo "$net, Adam, time of a step"
		for _ in $(seq "$rounds"); do
			measure "plait-$net" "$bench/train" "$net"
			peer "torch-$net" images.py "$net" cuda
		done
		show Plait "plait-$net.us_per_step"
		show_peer PyTorch "torch-$net.us_per_step" || continue
		pairs '  Plait / PyTorch' "plait-$net.us_per_step" "torch-$net.us_per_step"
		show 'PyTorch, channels_last' "torch-$net.channels_last_us_per_step"
		pairs '  Plait / PyTorch, channels_last' "plait-$net.us_per_step" \
			"torch-$net.channels_last_us_per_step"
	done
}

# Plait takes the GPU that StarPU may take; PyTorch is told to.
bench_gpu()
{
	need_torch_on_gpu
	beside 'MLP 784-512-512-10, batch 128, Adam' wide cuda
	beside 'MLP 784-200-100-60-30-10, batch 100, Adam' mlp cuda
	beside 'Seed program, loader in process' seed cuda
}

bench_tiny()
{
	beside 'A net of no use, to try this' tiny
}

# What --print-plan says of two stages, and what a trace says: percent of the time in which workers
# wait.
bubble()
{
	STARPU_NCPU=2 STARPU_NCUDA=0 "$program" trace --source profiling --steps 20:60 \
		--json "$dir/report" -- train --data synthetic:5120,512,512 --batch-size 256 \
		--epochs 3 --place '0-5:cpu0 6-:cpu1' --microbatches 4 --print-plan \
		--model "linear:512 relu linear:512 relu linear:512 relu linear:512 relu linear:512 relu
			linear:512" >"$dir/plan" 2>&1 &&
		sed -n 's/^1f1b .*bubble \([0-9]*\) %.*/predicted_bubble \1 %/p' "$dir/plan" &&
		awk -F'[:,]' '/"busy_percent"/ { busy += $2; n++ }
			END { print "traced_bubble", 100 - busy / n, "%" }' "$dir/report"
}

# Two CPU workers compute a batch in other ways; spin is what cpu1 does beside the last two.
bench_parallel()
{
	echo 'A batch on two CPU workers, time of a step'
	for _ in $(seq "$rounds"); do
		STARPU_NCPU=2 STARPU_NCUDA=0 measure parallel "$bench/parallel"
		measure bubble bubble
	done
	show 'MLP 784-512-512-10, 1 shard' parallel.one_shard_us_per_step
	show '  2 shards' parallel.two_shards_us_per_step
	show '  2 replicas' parallel.two_replicas_us_per_step
	ratio '  1 shard / 2 shards' parallel.one_shard_us_per_step parallel.two_shards_us_per_step
	ratio '  2 shards / 2 replicas' parallel.two_shards_us_per_step parallel.two_replicas_us_per_step
	show 'batches of 512, 2 shards' parallel.two_shards_of_512_us_per_step
	show '  2 replicas' parallel.two_replicas_of_512_us_per_step
	ratio '  2 shards / 2 replicas' parallel.two_shards_of_512_us_per_step \
		parallel.two_replicas_of_512_us_per_step
	show '6 layers of 512, one worker' parallel.one_worker_us_per_step
	show '  2 stages, 4 microbatches' parallel.two_stages_us_per_step
	ratio '  one worker / 2 stages' parallel.one_worker_us_per_step parallel.two_stages_us_per_step
	show '  their bubble, --print-plan' bubble.predicted_bubble
	show '  and in a trace' bubble.traced_bubble
	show '  the same, gpipe' parallel.gpipe_stages_us_per_step
	ratio '  one worker / 2 stages, gpipe' parallel.one_worker_us_per_step \
		parallel.gpipe_stages_us_per_step
	show 'cpu1 also spins: shards 2,2' parallel.beside_2_2_us_per_step
	show '  shards 3,1' parallel.beside_3_1_us_per_step
	ratio '  2,2 / 3,1' parallel.beside_2_2_us_per_step parallel.beside_3_1_us_per_step
}

# wide SHARDS WORKERS STEPS: trains the MLP, batch 1024, under trace; leaves the report in
# $dir/report and prints "measured_us_per_step X us".  The first steps do not count.
wide()
{
	STARPU_NCPU=$2 STARPU_NCUDA=0 "$program" trace --source profiling --steps 20:"$3" \
		--json "$dir/report" -- train --data "synthetic:$((1024 * $3)),784,10" --steps "$3" \
		--model 'linear:512 relu linear:512 relu linear:10' --batch-size 1024 \
		--shards "$1" --granularity layer >/dev/null &&
		sed -n 's/^ *"step_us": \([0-9.]*\).*/measured_us_per_step \1 us/p' "$dir/report"
}

# Reads the report: "TASK MEAN" of each codelet.
costs()
{
	sed -n '/"codelets"/,/^  \]/{s/^ *"name": "\(.*\)",/\1/p;s/^ *"mean_us": \([0-9.]*\).*/\1/p;}' \
		"$dir/report" | paste -d' ' - -
}

predict()
{
	costs | "$bench/workers" wide 1024 "$1" "$2"
}

# More workers than there are, on paper: the tasks of as many shards, measured on one worker.
bench_workers()
{
	echo 'MLP 784-512-512-10, batch 1024, a shard for each worker, time of a step'
	for _ in $(seq "$rounds"); do
		for workers in 1 2 4 16 64; do
			measure "workers-$workers-alone" wide $workers 1 60
			measure "workers-$workers" predict $workers $workers
			[ $workers -gt 2 ] || measure "workers-$workers" wide $workers $workers 60
		done
	done
	for workers in 1 2 4 16 64; do
		show "$workers, predicted" workers-$workers.predicted_us_per_step
		[ $workers -gt 2 ] || show "$workers, measured" workers-$workers.measured_us_per_step
		ratio "$workers, predicted speed-up" workers-1.predicted_us_per_step \
			workers-$workers.predicted_us_per_step
	done
	ratio '2, measured speed-up' workers-1.measured_us_per_step workers-2.measured_us_per_step
}

bench_shards()
{
	echo 'MLP 784-512-512-10, batch 128, Adam, time of a step'
	for _ in $(seq "$rounds"); do
		measure one "$bench/train" wide 1
		measure two "$bench/train" wide 2
		peer torch-wide train.py wide
	done
	show 'Plait, 1 shard' one.us_per_step
	show 'Plait, 2 shards' two.us_per_step
	ratio '1 shard / 2 shards' one.us_per_step two.us_per_step
	show_peer PyTorch torch-wide.us_per_step &&
		ratio 'PyTorch / Plait, 2 shards' torch-wide.us_per_step two.us_per_step
}

# What --shards auto chooses is never behind 1 shard by more than noise, which is what the two differ in
# where it chooses 1.  A round takes 40 s, so there are 3 at most.
bench_shards_auto()
{
	echo '--shards auto beside 1 shard, in turn in one process; a ratio below 1 is faster'
	for job in seed seed-1024 narrow digits hundred wide-16 deep mlp wide large; do
		for _ in $(seq $((rounds < 3 ? rounds : 3))); do
			STARPU_NCUDA=0 measure "auto-$job" "$bench/shards" "$program" "$job"
		done
		show "$job: chosen" "auto-$job.shards"
		show '  time to choose' "auto-$job.choosing"
		show '  a step of 1 shard' "auto-$job.one"
		show '  auto / 1 shard, median of turns' "auto-$job.ratio"
	done
}

bench_loader()
{
	echo 'Loader alone: 60,000 byte images of 28 x 28, shuffled, normalised, batch 128'
	"$program" pack --data synthetic:60000,784,10 "$dir/floats" --quiet || exit 1
	for _ in $(seq "$rounds"); do
		measure packed "$bench/load" packed-floats "$dir/floats"
		measure loader "$bench/loader"
		peer torch-loader loader.py
	done
	show Plait loader.samples_per_second
	show_peer 'PyTorch, in process' torch-loader.samples_per_second &&
		ratio 'Plait / PyTorch' loader.samples_per_second torch-loader.samples_per_second
	show 'Plait, packed floats as they are' packed.samples_per_second
	rm "$dir/floats"
}

# loaded TITLE KIND BATCH WHAT [FILES]: loading in Plait, by plain threads, in PyTorch.  FILES:
# what the other two read where WHAT is Plait's own; of such a kind PyTorch has no twin.
loaded()
{
	echo "$1"
	plait="load-$2-$3.samples_per_second" threads="threads-$2-$3.samples_per_second"
	torch="torch-$2-$3.samples_per_second"
	for _ in $(seq "$rounds"); do
		measure "load-$2-$3" "$bench/load" "$2" "$4"
		measure "threads-$2-$3" "$bench/load_threads" "$2" "${5:-$4}"
		[ $# -eq 5 ] || peer "torch-$2-$3" load.py "$2" "$4" 2
		[ "$2" != bytes ] || peer "torch-batches-$3" load.py batches "$4"
	done
	show Plait "$plait"
	show 'Plait, first batch' "load-$2-$3.first_batch_ms"
	show 'plain threads in C' "$threads"
	ratio 'Plait / plain threads' "$plait" "$threads"
	[ $# -eq 5 ] || { show_peer 'PyTorch, 2 workers' "$torch" &&
		ratio 'Plait / PyTorch, 2 workers' "$plait" "$torch"; }
	[ "$2" != bytes ] || [ -z "$python" ] ||
		show 'PyTorch, whole batches' "torch-batches-$3.samples_per_second"
}

# pack NAME [OPTION]: the files of CIFAR-10 into $dir/NAME.
pack()
{
	name=$1
	shift
	"$program" pack --data "images:$PLAIT_CIFAR_JPEG/train" "$dir/$name" --quiet "$@" || exit 1
}

load_cifar()
{
	if ! [ -d "${PLAIT_CIFAR_JPEG:-}/train" ]; then
		echo 'CIFAR-10 in JPEG files: skipped, PLAIT_CIFAR_JPEG names no folder with a train in it'
		return
	fi
	work='padded, cropped, flipped, normalised, batch 128'
	loaded "CIFAR-10 in JPEG files, $work" jpeg 128 "$PLAIT_CIFAR_JPEG/train"
	echo
	pack jpegs
	loaded "The same, packed as JPEG; the threads read files" \
		packed-jpeg 128 "$dir/jpegs" "$PLAIT_CIFAR_JPEG/train"
	echo
	pack pixels --raw
	loaded "The same, packed as pixels; the threads have them in memory" \
		packed 128 "$dir/pixels" "$PLAIT_CIFAR_JPEG/train"
	rm "$dir/jpegs" "$dir/pixels"
}

load_photos()
{
	title='1,024 JPEG files of 500 x 375, randomly cropped to 224, flipped, normalised, batch 128'
	"$bench/photos" "$dir/photos" 1024 >"$dir/out"
	case $? in
	0) loaded "$title" photos 128 "$dir/photos" ;;
	77) echo "$title: skipped, built without JPEG" ;;
	*) exit 1 ;;
	esac
}

bench_images()
{
	load_cifar
	echo
	load_photos
	for batch in 128 1024; do
		echo
		loaded "60,000 byte images of 28 x 28, normalised, batch $batch" bytes $batch $batch
	done
}

bench_overlap()
{
	echo 'MLP 784-512-512-10, batch 128, samples from a function that takes 0.8 of a step a batch'
	for _ in $(seq "$rounds"); do
		measure overlap "$bench/overlap" 0.8
	done
	show 'step, samples in memory' overlap.compute_us
	show 'step, samples from the function' overlap.step_us
	show 'with / without' overlap.ratio
	show 'waiting for batches' overlap.wait_percent
}

bench_validation()
{
	echo 'MLP 784-512-512-10, batch 128, a task a step, loads of 0.6 of a step, a quarter as many samples to validate'
	for _ in $(seq "$rounds"); do
		measure validation "$bench/val_overlap" 0.25 0.6
	done
	show 'an epoch of training alone' validation.alone_ms
	show 'validation after each epoch' validation.after_ms
	show 'beside the next epoch' validation.beside_ms
	show 'after / alone' validation.after
	show 'beside / alone' validation.beside
	show 'beside / alone, the whole run' validation.run
	show 'workers idle in training alone' validation.idle_percent
}

bench_submit()
{
	echo 'Submitting at granularity op, time of a task'
	for _ in $(seq "$rounds"); do
		measure submit "$bench/submit" seed
		measure submit-mlp "$bench/submit" mlp
	done
	show 'seed program, median step' submit.us_per_task
	show 'seed program, mean' submit.mean_us_per_task
	show 'MLP 784-200-..., median step' submit-mlp.us_per_task
	show 'MLP 784-200-..., mean' submit-mlp.mean_us_per_task
}

bench_own()
{
	echo "Seed program, time of a step in plait_fit and in a loop of one's own, in turn in one process"
	for _ in $(seq "$rounds"); do
		measure own "$bench/own_loop"
	done
	show plait_fit own.fit_us_per_step
	show 'loop of one'"'"'s own' own.own_us_per_step
	show 'more, median of pairs' own.more_us_per_step
}

# What both print has the losses.
whole_pool()
{
	echo 'All of examples/13_pool.c: four copies of a linear layer trained, forward, backward; wall time'
	for _ in $(seq "$rounds"); do
		measure whole-pool "$bench/whole" "$bench/pool_program"
		[ -z "$python" ] ||
			measure torch-whole-pool "$bench/whole" "$python" -B "$here/peers/pool.py"
	done
	show Plait whole-pool.whole_ms
	show_peer 'PyTorch, a process for each copy' torch-whole-pool.whole_ms || return 0
	pairs 'PyTorch / Plait, median of pairs' torch-whole-pool.whole_ms whole-pool.whole_ms
	"$bench/pool_program" >"$dir/plait-says"
	"$python" -B "$here/peers/pool.py" >"$dir/torch-says"
	if cmp -s "$dir/plait-says" "$dir/torch-says"; then
		sed 's/^/  both print  /' "$dir/plait-says"
	else
		sed 's/^/  Plait prints    /' "$dir/plait-says"
		sed 's/^/  PyTorch prints  /' "$dir/torch-says"
	fi
}

bench_pool()
{
	whole_pool
	echo
	echo 'Four trainers at once and one after another, in turn in one process, time of a step of any'
	for _ in $(seq "$rounds"); do
		measure pool "$bench/pool" seed
		measure pool-mlp "$bench/pool" mlp
	done
	show 'seed program, one after another' pool.alone_us_per_step
	show 'seed program, at once' pool.pool_us_per_step
	show 'seed program, speed-up' pool.speedup
	show 'MLP 784-200-..., one after another' pool-mlp.alone_us_per_step
	show 'MLP 784-200-..., at once' pool-mlp.pool_us_per_step
	show 'MLP 784-200-..., speed-up' pool-mlp.speedup
	echo
	echo 'Eight trainers on 320 photographs, what loading them costs the workers, an epoch'
	"$bench/photos" "$dir/photos" 320 >"$dir/out" || {
		echo '    no JPEG'
		return
	}
	for _ in $(seq "$rounds"); do
		measure pool-images "$bench/pool" "images:$dir/photos" 8
	done
	show 'one trainer' pool-images.one_load_ms
	show 'eight' pool-images.load_ms
	show 'eight / one' pool-images.load_ratio
}

# one_sample TITLE NAME WORDS SIZE...
one_sample()
{
	echo "One sample of $1 through a predictor, one thread"
	net=$2 words=$3
	shift 3
	for _ in $(seq "$rounds"); do
		measure "$net" "$bench/predictor" "$1" "$words" 20000
		peer "torch-$net" predictor.py "$@"
	done
	show 'Plait, median' "$net.predictor_us"
	show 'Plait, 99th percentile' "$net.predictor_99_us"
	show 'its kernels alone, median' "$net.kernels_us"
	show 'bytes that stay allocated' "$net.bytes_more"
	show_peer 'PyTorch, median' "torch-$net.predictor_us" &&
		show 'PyTorch, 99th percentile' "torch-$net.predictor_99_us" &&
		ratio 'PyTorch / Plait' "torch-$net.predictor_us" "$net.predictor_us"
}

bench_predictor()
{
	one_sample 10-50-2 small 'linear:50 relu linear:2' 10 50 2
	one_sample 784-512-512-10 large 'linear:512 relu linear:512 relu linear:10' 784 512 512 10
}

bench_plan()
{
	echo 'Planning a chain of linear and relu layers, Adam, granularity op'
	for _ in $(seq "$rounds"); do
		measure plan "$bench/plan"
	done
	for nodes in 1000 5000 20000; do
		show "$nodes nodes: trainer" "plan.${nodes}_nodes_trainer"
		show "$nodes nodes: plan, 1 shard" "plan.${nodes}_nodes_1_shards"
		show "$nodes nodes: plan, 4 shards" "plan.${nodes}_nodes_4_shards"
	done
}

# The C library keeps freed blocks for each thread, as many again as a run of any length
# needs, and counts them as in use; without these caches the heap shows what is really kept.
bench_memory()
{
	echo 'Memory of the process, growth from step 1,000 to step 20,000'
	for grain in op step; do
		for _ in $(seq "$rounds"); do
			measure "memory-$grain" "$bench/memory" "$grain"
			measure "heap-$grain" env GLIBC_TUNABLES=glibc.malloc.tcache_count=0 \
				"$bench/memory" "$grain"
		done
		show "granularity $grain: resident" "memory-$grain.resident_growth"
		show "resident, no thread caches" "heap-$grain.resident_growth"
		show "heap, no thread caches" "heap-$grain.heap_growth"
	done
}

bench_ops()
{
	echo 'Kernels, one thread, no StarPU'
	"$bench/ops"
	echo 'Small products beside dnnl_sgemm: y = x W (NT), dx (NN), dW (TN)'
	"$bench/products"
	echo 'Products with --precision bf16 beside fp32'
	"$bench/products" bf16
}

# Says whether the machine was anybody else's too: what runs here makes up to 2 of it.
load()
{
	echo "# load average $1: $(cut -d' ' -f1-3 /proc/loadavg)"
}

awk -F': *' '/^model name/ { print "# " $2; exit }' /proc/cpuinfo
echo "# $(nproc) cores, $(uname -sr), medians of $rounds runs (least to most)"
if [ -n "$python" ]; then
	"$python" -c 'import platform, torch, numpy
print("# PyTorch", torch.__version__, "on Python", platform.python_version())'
	echo '# PyTorch runs with 1 thread or with all, whichever is faster for the job.'
	# Which BLAS a Debian PyTorch calls is the system administrator'"'"'s choice.
	blas=$(readlink -f /etc/alternatives/libblas.so.3-"$(uname -m)"-linux-gnu 2>/dev/null) &&
		echo "# its BLAS: $blas"
else
	echo '# PyTorch: skipped, no python3 that can import torch'
fi
load before
for part in $parts; do
	echo
	"bench_$part"
done
load after
