/* SPDX-License-Identifier: MIT
 * cuBLASLt of the virtual GPU: wrong use is reported. */
#include "tests/virtual_gpu/self_lt.h"

/* What a product says that breaks spoils before it is made. */
static const char *says(void (*spoil)(struct product &p))
{
	static void (*what)(struct product &);

	what = spoil;
	return last_words([] {
		struct product p = prepare(CUBLASLT_EPILOGUE_BIAS);

		what(p);
		multiply(p);
	});
}

static void give_bias(struct product &p, float *bias)
{
	cublasLtMatmulDescSetAttribute(p.desc, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &bias,
				       sizeof bias);
}

static float *on_second(size_t n)
{
	float *p;

	cudaSetDevice(1);
	p = device<float>(n);
	cudaSetDevice(0);
	return p;
}

static void test_operands(void)
{
	alignas(256) static float on_host[12];

	ok(!*says([](product &) {}), "what is right says nothing");
	contains(says([](product &p) { p.A = filled(5); }), "A: 24 bytes", "A too short dies");
	contains(says([](product &p) { p.B = filled(11); }), "B: 48 bytes", "B too");
	contains(says([](product &p) { p.D = filled(7); }), "D: 32 bytes", "and D");
	contains(says([](product &p) { give_bias(p, filled(1)); }), "bias: 8 bytes",
		 "and the bias");
	contains(says([](product &p) { give_bias(p, NULL); }), "bias: (nil) is no memory",
		 "no bias dies");
	contains(says([](product &p) { cudaFree(p.B); }), "freed", "freed memory dies");
	contains(says([](product &p) { p.B = on_host; }), "no memory of device 0",
		 "the host's memory dies");
	contains(says([](product &p) { p.B = on_second(12); }), "no memory of device 0",
		 "another device's memory dies");
	contains(says([](product &p) { p.D = p.B; }), "D overlaps B",
		 "a result in its operand's place dies");
	contains(says([](product &p) { cublasLtDestroy(p.handle); }), "does not exist",
		 "a destroyed handle dies");
	contains(says([](product &) { cudaSetDevice(1); }),
		 "handle of device 0, stream of device 1", "a handle of another device dies");
	contains(last_words([] {
			 struct product p = prepare(CUBLASLT_EPILOGUE_DEFAULT);
			 const float one = 1;
			 cudaStream_t s;

			 cudaSetDevice(1);
			 cudaStreamCreate(&s);
			 cudaSetDevice(0);
			 cublasLtMatmul(p.handle, p.desc, &one, p.A, p.a, p.B, p.b, &one, p.D, p.d,
					p.D, p.d, NULL, NULL, 0, s);
		 }),
		 "stream of device 1, current 0", "a stream of another device dies");
}

static void test_promises(void)
{
	contains(says([](product &p) { p.B = filled(13) + 1; }), "B at ", "less aligned than told");
	contains(says([](product &p) { give_bias(p, filled(5) + 1); }), "bias at ",
		 "the bias less than it was");
	contains(says([](product &p) { set(p, CUBLASLT_MATMUL_DESC_EPILOGUE, 1); }),
		 "found for another product", "an algorithm for another epilogue dies");
	contains(says([](product &p) {
			 cublasLtMatrixLayoutInit(p.b, CUDA_R_32F, 3, 2, 3);
			 cublasLtMatrixLayoutInit(p.d, CUDA_R_32F, 2, 2, 2);
		 }),
		 "found for another product", "and one for another shape");
	contains(says([](product &p) { p.found = {}; }), "none that the heuristic found",
		 "an algorithm out of nothing dies");
	contains(says([](product &p) { set(p, (cublasLtMatmulDescAttributes_t)2, 0); }),
		 "POINTER_MODE", "an attribute that is not played dies by its name");
	contains(says([](product &p) { set(p, CUBLASLT_MATMUL_DESC_EPILOGUE, 32); }),
		 "EPILOGUE: 32", "so does an epilogue");
	contains(says([](product &p) {
			 cublasLtMatmulDescInit(p.desc, (cublasComputeType_t)64, CUDA_R_32F);
		 }),
		 "compute type 64", "and a compute type");
}

int main(void)
{
	setenv("VGPU_DEVICES", "2", 1);
	test_operands();
	test_promises();
	return tap_done();
}
