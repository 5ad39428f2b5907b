/* SPDX-License-Identifier: MIT
 * Names that a system has written in another of Unicode's normal forms. */
#ifndef PLAIT__COMPOSE_H
#define PLAIT__COMPOSE_H

/* Orders texts as strcmp, but by their characters, and those that are composed of a letter and its
 * marks are the same as one character that stands for them: 0 for "e" + U+0301 and U+00E9.  Bytes
 * that are no UTF-8 are equal to themselves only. */
int plait__compose_compare(const char *a, const char *b);

#endif
