/* SPDX-License-Identifier: MIT
 * The colour of each phase as a number, for codelets. */
#ifndef PLAIT__PHASE_COLOURS_H
#define PLAIT__PHASE_COLOURS_H

enum plait__phase_colour {
#define PLAIT__PHASE(constant, name, colour) PLAIT__COLOUR_##constant = 0x##colour,
#include "src/base/phases.def"
#undef PLAIT__PHASE
};

#endif
