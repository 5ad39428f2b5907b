/* SPDX-License-Identifier: MIT
 * The functions of codelets/shared/formula.h against the C library's in double, over floats of all
 * sizes: a bound in ulp each, the one its comment promises. */
#include "config.h"
#include "codelets/shared/formula.h"
#include "tests/tap.h"

#include <float.h>

static float my_exp(float x)
{
	return plait__exp(x);
}

static float my_log(float x)
{
	return plait__log(x);
}

static float my_tanh(float x)
{
	return plait__tanh(x);
}

static float my_sigmoid(float x)
{
	return plait__sigmoid(x);
}

static float my_erf(float x)
{
	return plait__erf(x);
}

static double sigmoid(double x)
{
	return 1 / (1 + exp(-x));
}

/* Bounds are what was measured over all floats, rounded up to the next tenth: who changes
 * a formula must not lose more. */
static const struct function {
	const char *name;
	float (*mine)(float);
	double (*exact)(double);
	float low, high; /* where it is tested */
	double ulps;
} functions[] = {
	{ "exp", my_exp, exp, -87.3365f, 100.0f, 1.0 },
	{ "log", my_log, log, FLT_MIN, FLT_MAX, 0.8 },
	{ "tanh", my_tanh, tanh, -FLT_MAX, FLT_MAX, 1.4 },
	/* Below -87 e^-x is no float, and the result less than FLT_MIN. */
	{ "sigmoid", my_sigmoid, sigmoid, -87.0f, FLT_MAX, 2.5 },
	{ "erf", my_erf, erf, -FLT_MAX, FLT_MAX, 1.3 },
};

static double ulps_off(float got, double expected)
{
	float rounded = (float)expected;
	float size = fabsf(rounded) < FLT_MIN ? FLT_MIN : fabsf(rounded);

	if (isinf(rounded))
		return got == rounded ? 0 : INFINITY;
	return fabs((double)got - expected) / (double)(nextafterf(size, INFINITY) - size);
}

/* Every 4099th float (a prime: all exponents, changing digits) of both signs. */
static void check(const struct function *f)
{
	double worst = 0;
	float where = 0;

	for (uint64_t i = 0; i < UINT64_C(1) << 32; i += 4099) {
		union plait__bits bits = { .i = (int32_t)(uint32_t)i };
		double off;

		if (!(bits.f >= f->low && bits.f <= f->high))
			continue;
		off = ulps_off(f->mine(bits.f), f->exact((double)bits.f));
		if (off > worst) {
			worst = off;
			where = bits.f;
		}
	}
	ok(worst <= f->ulps, "%s: %.2f ulp off at most, at %g", f->name, worst, (double)where);
}

static void check_ends(void)
{
	ok(plait__exp(-INFINITY) == 0 && plait__exp(-1000) == 0, "exp: 0 far below");
	ok(isinf(plait__exp(INFINITY)) && isinf(plait__exp(89)), "exp: infinite above");
	ok(isinf(plait__log(INFINITY)) && plait__log(1) == 0, "log: of infinity and 1");
	ok(plait__tanh(INFINITY) == 1 && plait__tanh(-INFINITY) == -1, "tanh: 1 at infinity");
	ok(plait__erf(INFINITY) == 1 && plait__erf(-INFINITY) == -1, "erf: 1 at infinity");
	ok(plait__sigmoid(INFINITY) == 1 && plait__sigmoid(-INFINITY) == 0,
	   "sigmoid: 0 and 1 at infinity");
	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
		ok(isnan(functions[i].mine(NAN)) && isnan(functions[i].mine(-NAN)),
		   "%s: NaN of NaN", functions[i].name);
}

/* Also where a compiler makes one rounding of a product and a sum, in any of the two. */
static void check_bytes(void)
{
	int wrong = 0, fused = 0;

	for (int i = 0; i < 256; i++) {
		float v = (float)i, k = 1.0f / 255.0f, q = v * k;
		float rest = v - q * 255.0f, exact_rest = fmaf(-q, 255.0f, v);

		wrong += plait__unit_from_byte((uint8_t)i) != v / 255.0f;
		fused += fmaf(rest, k, q) != v / 255.0f;
		fused += fmaf(exact_rest, k, q) != v / 255.0f;
		fused += q + exact_rest * k != v / 255.0f;
	}
	is_int(wrong, 0, "every byte is exactly x / 255");
	is_int(fused, 0, "with fused operations too");
	ok(plait__normalize(51, 0.5f, -0.25f) == 0.2f * 0.5f - 0.25f, "then scaled and shifted");
}

int main(void)
{
	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
		check(&functions[i]);
	check_ends();
	check_bytes();
	return tap_done();
}
