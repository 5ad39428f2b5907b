/* SPDX-License-Identifier: MIT
 * A predictor: a network that is run on samples from the program's memory, one or a few at a time.
 * It is made once and used many times, by any number of threads. */
#ifndef PLAIT_PREDICTOR_H
#define PLAIT_PREDICTOR_H

#include <plait/trainer.h>

#ifdef __cplusplus
extern "C" {
#endif

struct plait_predictor;

/** A field left out is zero, and zero is the good default. */
struct plait_predictor_options {
	int64_t samples; /* computed at once, at most; 0 = 1 */
	int threads;     /* that compute at once, at most; 0 = as many as there are cores */
	enum plait_precision precision; /* of products of matrices */
};

/** A predictor from a file of weights alone: one that plait train has saved, which says of what
 *  network they are.  (Any other does if its metadata have the words of plait_model as plait.model,
 *  the shape of a sample, such as [4], as plait.input, and as plait.loss a loss of plait train.)
 *  Needs no plait_start.  A sample is float32 of that shape, as the network had it in training:
 *  bytes divided by 255, and normalised if they were.  The output is, after cross-entropy and nll,
 *  a probability for each class (a softmax follows the network unless its last layer is one), after
 *  bce a probability for each output (likewise a sigmoid), after others the network's.  options
 *  may be NULL and is not kept.
 *  Errors: those of plait_checkpoint_open and of plait_model; PLAIT_EFORMAT (the file does not say
 *  it all; the network's scores are no vector; it names more classes than there are), PLAIT_ESHAPE
 *  (weights that are not the network's), PLAIT_EINVAL (an option; predictor_p or path is NULL),
 *  PLAIT_ENOMEM.  *predictor_p is set only on success. */
PLAIT_API int plait_predictor_open(struct plait_predictor **predictor_p, const char *path,
				   const struct plait_predictor_options *options);

/** A predictor of a graph, which needs no loss, with parameters from a safetensors file; needs no
 *  plait_start.  path NULL: parameters as they are drawn from seed 0.  graph must have one input,
 *  and outlive the predictor; its output is that of plait_predict (see plait_output).  options may
 *  be NULL and is not kept.  No other thread may use graph meanwhile.
 *  Errors: whatever the first failing builder of the graph met; those of plait_trainer_load;
 *  PLAIT_EINVAL (an option; the graph computes nothing, or has no input or several; predictor_p
 *  or graph is NULL), PLAIT_ENOMEM.  *predictor_p is set only on success. */
PLAIT_API int plait_predictor_create(struct plait_predictor **predictor_p,
				     struct plait_graph *graph, const char *path,
				     const struct plait_predictor_options *options);

/** The same of a trainer's graph, which must outlive the predictor, with a copy of the trainer's
 *  parameters: those after the last step of its open run, for which it waits.  Training may go on.
 *  Errors also: those of plait_run_wait; PLAIT_ESTATE (called in an event handler). */
PLAIT_API int plait_predictor_of(struct plait_predictor **predictor_p,
				 struct plait_trainer *trainer,
				 const struct plait_predictor_options *options);

/** The output for each of so many samples.  x: [samples, input's shape] of the input's dtype; out:
 *  [samples, output's shape], float32; both the caller's, aligned to their elements.  More samples
 *  than options.samples are computed in parts.
 *
 *  The calling thread computes, on its own core and whether there is a GPU or not: a task would
 * cost more than a small network does.  It allocates nothing, and waits only while options.threads
 * other threads compute.  To keep all cores or a GPU busy with many samples, take plait_predict.
 *  The outputs are those of plait_predict on CPUs with batches of as many samples, bit for bit.
 *  Errors: PLAIT_EINVAL (predictor, x or out is NULL; samples is negative). */
PLAIT_API int plait_predictor_run(struct plait_predictor *predictor, const void *x, int64_t samples,
				  float *out);

/** Elements of one sample, and of the output for it; 0 for NULL. */
PLAIT_API int64_t plait_predictor_inputs(const struct plait_predictor *predictor);
PLAIT_API int64_t plait_predictor_outputs(const struct plait_predictor *predictor);

/** The name of the class whose probability an output is, counted from 0: as the file of
 *  plait_predictor_open has it, or its number.  NULL where outputs are no probabilities or come
 * from another function, where there is no such output, and for NULL.  It lives as long as the
 *  predictor. */
PLAIT_API const char *plait_predictor_class_name(const struct plait_predictor *predictor,
						 int64_t output);

/** Frees the predictor, when no thread is in it; NULL is ignored. */
PLAIT_API void plait_predictor_destroy(struct plait_predictor *predictor);

#ifdef __cplusplus
}
#endif
#endif
