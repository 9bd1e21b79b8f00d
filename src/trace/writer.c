/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who writes while the world goes on?  A thread, to which full windows go and from which empty ones come. */
#include <string.h>

#include "trace/heard.h"

/* ThreadSanitizer does not see GLib's queues. */
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#define GIVEN(window) __tsan_release(window)
#define TAKEN(window) __tsan_acquire(window)
#else
#define GIVEN(window) ((void)(window))
#define TAKEN(window) ((void)(window))
#endif

/* So many are filled, on their way or being written: more only where the writer is slower for long. */
#define WINDOWS 8U

struct writer {
	const struct format *format;
	void *arg;
	struct out out;
	struct ordering *ordering;
	GAsyncQueue *full, *empty;
	GThread *thread;
};

static void push(GAsyncQueue *queue, struct window *window) {
	GIVEN(window);
	g_async_queue_push(queue, window);
}

static struct window *pop(GAsyncQueue *queue) {
	struct window *window = g_async_queue_pop(queue);

	TAKEN(window);
	return window;
}

static void *work(void *arg) {
	struct writer *w = arg;
	bool last;

	do {
		struct window *window = pop(w->full);

		last = window->last;
		ordering_take(w->ordering, window);
		push(w->empty, window);
	} while (!last);
	w->format->end(w->arg);
	return NULL;
}

struct writer *writer_new(const struct trace *trace, int fd, const char *name) {
	struct writer *w = g_new0(struct writer, 1);
	bool packed = g_str_has_suffix(name, ".gz");
	g_autofree char *bare = g_strndup(name, strlen(name) - (packed ? strlen(".gz") : 0));

	out_open(&w->out, fd, packed);
	w->format = g_str_has_suffix(bare, ".speedscope.json") ? &speedscope : &perfetto;
	w->arg = w->format->begin(trace, &w->out);
	w->ordering = ordering_new(w->format, w->arg);
	w->full = g_async_queue_new();
	w->empty = g_async_queue_new_full(g_free);
	for (unsigned i = 0; i < WINDOWS; i++)
		push(w->empty, g_new(struct window, 1));
	w->thread = g_thread_new("trace", work, w);
	return w;
}

struct window *writer_next(struct writer *w, struct window *full) {
	struct window *window;

	if (full)
		push(w->full, full);
	window = pop(w->empty);
	window->n = 0;
	window->last = false;
	return window;
}

int writer_end(struct writer *w, struct window *full) {
	int error;

	full->last = true;
	push(w->full, full);
	g_thread_join(w->thread);
	error = out_close(&w->out);
	g_async_queue_unref(w->full);
	g_async_queue_unref(w->empty);
	ordering_free(w->ordering);
	g_free(w);
	return error;
}
