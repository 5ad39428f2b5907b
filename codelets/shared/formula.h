/* SPDX-License-Identifier: MIT
 * Functions of one number that several rooms use, for gcc, g++ and nvcc. What one room alone
 * uses stands in that room.
 *
 * exp, log and the like are not taken from the C library for two reasons: the compiler can
 * make vectors of loops over these, and a GPU computes the same numbers. They have no branches,
 * only choices between values. The coefficients are those of S. Moshier's Cephes library
 * (single precision). tests/codelets/shared/formula.c measures the errors. */
#ifndef PLAIT__FORMULA_H
#define PLAIT__FORMULA_H

#include "src/base/scalar.h"

#include <math.h>
#include <stdint.h>

/* A float's bits, and back. */
union plait__bits {
	float f;
	int32_t i;
};

/* The larger one; NaN if x is NaN. */
PLAIT_FORMULA float plait__at_least(float x, float least)
{
	return x < least ? least : x;
}

PLAIT_FORMULA float plait__at_most(float x, float most)
{
	return x > most ? most : x;
}

PLAIT_FORMULA float plait__relu(float x)
{
	return x < 0.0f ? 0.0f : x; /* NaN stays NaN */
}

/* y: relu's result, or its input, as y <= 0 exactly where x <= 0. As in torch, the gradient passes
 * where y is NaN. */
PLAIT_FORMULA float plait__relu_bwd(float y, float dy)
{
	return y <= 0.0f ? 0.0f : dy;
}

/* 2^n for n in [-126,127]. For another n the result means nothing, but the shift does not
 * overflow. */
PLAIT_FORMULA float plait__power_of_2(int32_t n)
{
	union plait__bits b;

	b.i = (int32_t)((uint32_t)(n + 127) << 23);
	return b.f;
}

/* e^x: x = n ln2 + r with |r| <= ln2/2. A polynomial gives e^r. 2^n is multiplied in two
 * factors, because 2^128 is no float. Adding 1.5 2^23 rounds to the nearest integer and leaves
 * it in the low bits. A result below 2^-126 becomes 0: CPUs compute denormal numbers a hundred
 * times slower, and no op needs them. */
PLAIT_FORMULA float plait__exp(float x)
{
	const float round = 12582912.0f;
	union plait__bits b;
	float c, n, r, p;
	int32_t half;

	c = plait__at_most(plait__at_least(x, -87.33654f), 89.0f);
	b.f = c * 1.44269504088896341f + round;
	n = b.f - round;
	b.i -= 0x4b400000;
	r = c - n * 0.693359375f; /* exact: the constant has 9 bits */
	r = r + n * 2.12194440e-4f;
	p = 1.9875691500e-4f;
	p = p * r + 1.3981999507e-3f;
	p = p * r + 8.3334519073e-3f;
	p = p * r + 4.1665795894e-2f;
	p = p * r + 1.6666665459e-1f;
	p = p * r + 5.0000001201e-1f;
	p = p * (r * r) + r + 1.0f;
	half = b.i >> 1; /* of NaN's bits too, but then p is NaN */
	p = p * plait__power_of_2(half) * plait__power_of_2(b.i - half);
	return x < -87.33654f ? 0.0f : p;
}

/* log x for x >= 2^-126, infinity or NaN. A sum of exponentials is always one of these.
 * x = 2^e m with m in [sqrt(1/2), sqrt 2), and a polynomial gives log m. */
PLAIT_FORMULA float plait__log(float x)
{
	union plait__bits b;
	float e, m, z, p;
	int32_t exponent;

	b.f = x;
	exponent = (b.i - 0x3f3504f3) >> 23; /* 0x3f3504f3: sqrt(1/2) */
	b.i -= (int32_t)((uint32_t)exponent << 23);
	e = (float)exponent;
	m = b.f - 1.0f;
	z = m * m;
	p = 7.0376836292e-2f;
	p = p * m - 1.1514610310e-1f;
	p = p * m + 1.1676998740e-1f;
	p = p * m - 1.2420140846e-1f;
	p = p * m + 1.4249322787e-1f;
	p = p * m - 1.6668057665e-1f;
	p = p * m + 2.0000714765e-1f;
	p = p * m - 2.4999993993e-1f;
	p = p * m + 3.3333331174e-1f;
	p = p * m * z - e * 2.12194440e-4f - 0.5f * z;
	p = m + p + e * 0.693359375f;
	return x < INFINITY ? p : x; /* NaN and infinity are their own logarithm */
}

/* tanh x: an odd polynomial near 0, where 1 - 2/(e^2x + 1) would cancel. */
PLAIT_FORMULA float plait__tanh(float x)
{
	float z = x * x, p, a = fabsf(x), q;

	p = -5.70498872745e-3f;
	p = p * z + 2.06390887954e-2f;
	p = p * z - 5.37397155531e-2f;
	p = p * z + 1.33314422036e-1f;
	p = p * z - 3.33332819422e-1f;
	p = p * z * x + x;
	q = 1.0f - 2.0f / (plait__exp(2.0f * plait__at_most(a, 10.0f)) + 1.0f);
	q = x < 0.0f ? -q : q;
	return a < 0.625f ? p : q;
}

PLAIT_FORMULA float plait__sigmoid(float x)
{
	return 1.0f / (1.0f + plait__exp(-x));
}

/* erf x: x + x q(x^2) below 1, and 1 - e^-r(|x|) above. From 4 on it is 1 in float. q and r
 * are minimax fits made for Plait (weights: 1 / erf x and erfc x; largest error 1.3e-9). */
PLAIT_FORMULA float plait__erf(float x)
{
	float a = fabsf(x), t = plait__at_most(a, 4.0f), z = t * t, q, r;

	q = 7.85386873758e-5f;
	q = q * z - 8.01019603387e-4f;
	q = q * z + 5.18832821399e-3f;
	q = q * z - 2.68538128585e-2f;
	q = q * z + 1.12835854292e-1f;
	q = q * z - 3.76126259565e-1f;
	q = q * z + 1.28379166126e-1f;
	q = x + x * q;
	r = -1.85573997442e-4f;
	r = r * t + 2.93960724957e-3f;
	r = r * t - 2.18053180724e-2f;
	r = r * t + 1.03037364781e-1f;
	r = r * t + 6.38225674629e-1f;
	r = r * t + 1.12704002857f;
	r = r * t + 3.53719660779e-4f;
	r = 1.0f - plait__exp(-r);
	r = x < 0.0f ? -r : r;
	return a < 1.0f ? q : r;
}

/* x, or 0 where x is denormal or nearly so. Where gradients stay 0, as in a dead unit, a
 * momentum decays into the denormal numbers and would stay there. CPUs compute those a hundred
 * times slower. */
PLAIT_FORMULA float plait__no_denormal(float x)
{
	return fabsf(x) < 1e-37f ? 0.0f : x;
}

#endif
