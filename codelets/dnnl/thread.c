/* SPDX-License-Identifier: MIT */
#include "config.h"
#include "codelets/dnnl/thread.h"
#include "src/base/base.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kept {
	struct kept *next; /* of the same hash */
	const struct plait__dnnl_kind *kind;
	void *thing;
	int64_t key[]; /* [kind->keys] */
};

enum { HASHES = 64 };
struct room {
	struct kept *kept[HASHES];
	dnnl_stream_t stream; /* NULL: not yet */
	void *memory;
	size_t bytes;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t room_key;
static bool has_key;
static pthread_once_t engine_once = PTHREAD_ONCE_INIT;
static dnnl_engine_t engine;

void plait__dnnl_must(dnnl_status_t status, const char *what)
{
	if (status == dnnl_success)
		return;
	fprintf(stderr, "plait: oneDNN fails (%d): %s\n", (int)status, what);
	abort();
}

static void free_room(void *memory)
{
	struct room *room = memory;

	for (int h = 0; h < HASHES; h++)
		while (room->kept[h]) {
			struct kept *k = room->kept[h];

			room->kept[h] = k->next;
			k->kind->destroy(k->thing);
			free(k);
		}
	if (room->stream)
		dnnl_stream_destroy(room->stream);
	free(room->memory);
	free(room);
}

static void begin(void)
{
	has_key = pthread_key_create(&room_key, free_room) == 0;
}

/* NULL: there is no memory for it. */
static struct room *room_of_thread(void)
{
	struct room *room;

	pthread_once(&once, begin);
	room = has_key ? pthread_getspecific(room_key) : NULL;
	if (room || !has_key)
		return room;
	room = calloc(1, sizeof *room);
	if (room && pthread_setspecific(room_key, room) != 0) {
		free(room);
		room = NULL;
	}
	return room;
}

void *plait__thread_memory(size_t bytes)
{
	struct room *room = room_of_thread();

	if (room && bytes > room->bytes) {
		free(room->memory);
		room->memory = aligned_alloc(PLAIT__ALIGN, plait__align(bytes));
		room->bytes = room->memory ? plait__align(bytes) : 0;
	}
	return room ? room->memory : NULL;
}

static struct room *room_that_must_be(void)
{
	struct room *room = room_of_thread();

	plait__dnnl_must(room ? dnnl_success : dnnl_out_of_memory, "a thread's room");
	return room;
}

static void make_engine(void)
{
	plait__dnnl_must(dnnl_engine_create(&engine, dnnl_cpu, 0), "an engine");
}

dnnl_engine_t plait__dnnl_engine(void)
{
	pthread_once(&engine_once, make_engine);
	return engine;
}

dnnl_stream_t plait__dnnl_stream(void)
{
	struct room *room = room_that_must_be();

	if (!room->stream)
		plait__dnnl_must(dnnl_stream_create(&room->stream, plait__dnnl_engine(),
						    dnnl_stream_default_flags),
				 "a stream");
	return room->stream;
}

void *plait__dnnl_kept(const struct plait__dnnl_kind *kind, const int64_t *key)
{
	struct room *room = room_that_must_be();
	const size_t bytes = (size_t)kind->keys * sizeof *key;
	struct kept **first, *k;
	unsigned hash = 0;

	for (int i = 0; i < kind->keys; i++)
		hash = hash * 31 + (unsigned)key[i];
	first = &room->kept[hash % HASHES];
	for (k = *first; k; k = k->next)
		if (k->kind == kind && memcmp(k->key, key, bytes) == 0)
			return k->thing;
	k = malloc(sizeof *k + bytes);
	plait__dnnl_must(k ? dnnl_success : dnnl_out_of_memory, "a kernel");
	memcpy(k->key, key, bytes);
	k->kind = kind;
	k->thing = kind->create(key);
	k->next = *first;
	*first = k;
	return k->thing;
}
