/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which captures does a run leave, and under which names? */
#include "lab/world/captures.h"

#include <errno.h>
#include <glib/gstdio.h>

/* One file that grows. */
struct running {
	struct capture *capture;
	void (*stop)(void *arg); /* NULL: nobody need be told */
	void *arg;
};

struct captures {
	struct world *world;
	char *dir;
	GArray *running;  /* struct running */
	GPtrArray *names; /* of the files */
};

static struct captures *captures_new(struct world *world, const char *dir) {
	struct captures *c = g_new0(struct captures, 1);

	c->world = world;
	c->dir = g_strdup(dir);
	c->running = g_array_new(FALSE, FALSE, sizeof(struct running));
	c->names = g_ptr_array_new_with_free_func(g_free);
	return c;
}

void captures_free(struct captures *c) {
	if (!c)
		return;
	g_array_unref(c->running);
	g_ptr_array_unref(c->names);
	g_free(c->dir);
	g_free(c);
}

/* --- one of them ------------------------------------------------------------------------------ */

static void add(struct captures *c, struct capture *capture, void (*stop)(void *arg), void *arg) {
	struct running r = {capture, stop, arg};

	g_array_append_val(c->running, r);
}

/* Two captures of one name would be one file: [toe0] and [toe0-pci]. */
static char *capture_path(struct captures *c, const char *group, const char *suffix,
                          GError **error) {
	g_autofree char *name = g_strconcat(group, suffix, NULL);

	if (g_ptr_array_find_with_equal_func(c->names, name, g_str_equal, NULL)) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
		            "[%s] would have the same file as another group, %s", group, name);
		return NULL;
	}
	g_ptr_array_add(c->names, g_strdup(name));
	return g_build_filename(c->dir, name, NULL);
}

bool captures_interface(struct captures *c, const struct group *group, GError **error) {
	g_autofree char *path = capture_path(c, group->name, ".pcap", error);
	struct port *port = world_port(c->world, group->name);
	struct capture *capture = path ? capture_new(c->world->sim, port, path, error) : NULL;

	if (capture)
		add(c, capture, NULL, NULL);
	return capture;
}

/* One file for all of them: a thousand are as many as a process may have open. */
bool captures_machines(struct captures *c, const struct group *group, GError **error) {
	g_autofree char *path = capture_path(c, group->name, ".pcap", error);
	struct capture *capture = NULL;

	for (unsigned i = 0; path && i < group_machines(group); i++) {
		g_autofree char *name = g_strdup_printf("%s.%u", group->name, i);
		struct port *port = world_port(c->world, name);

		if (capture)
			capture_watch(capture, port);
		else if (!(capture = capture_new(c->world->sim, port, path, error)))
			return false;
	}
	if (capture)
		add(c, capture, NULL, NULL);
	return capture;
}

struct capture *captures_text(struct captures *c, const struct group *group, const char *suffix,
                              void (*stop)(void *arg), void *arg, GError **error) {
	g_autofree char *path = capture_path(c, group->name, suffix, error);
	struct capture *capture = path ? capture_text_new(c->world->sim, path, error) : NULL;

	if (capture)
		add(c, capture, stop, arg);
	return capture;
}

/* --- whole or not at all ---------------------------------------------------------------------- */

/* Captures grow in a folder of their own and move to where they were asked for when they are whole:
 * a run that fails or is interrupted spoils none of an earlier run. */
static char *growing_folder(const char *dir) {
	return g_build_filename(dir, ".captures-in-progress", NULL);
}

static bool capture_failed(const char *why, GError **error) {
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
	            "--pcap: %s; allowed: a folder that can be written", why);
	return false;
}

static bool cannot(const char *path, int error, GError **gerror) {
	g_autofree char *why = g_strdup_printf("%s: %s", path, g_strerror(error));

	return capture_failed(why, gerror);
}

/* A name that cannot be taken is noticed before the first one is. */
static bool nothing_in_the_way(const GPtrArray *names, const char *dir, GError **error) {
	for (guint i = 0; i < names->len; i++) {
		g_autofree char *target = g_build_filename(dir, names->pdata[i], NULL);

		if (g_file_test(target, G_FILE_TEST_IS_DIR))
			return cannot(target, EISDIR, error);
	}
	return true;
}

static GPtrArray *list_folder(const char *path) {
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
	const char *name;

	while (folder && (name = g_dir_read_name(folder)))
		g_ptr_array_add(names, g_strdup(name));
	return names;
}

bool world_capture_keep(const char *dir, GError **error) {
	g_autofree char *growing = growing_folder(dir);
	g_autoptr(GPtrArray) names = list_folder(growing);

	if (!g_file_test(growing, G_FILE_TEST_IS_DIR))
		return cannot(dir, ENOENT, error);
	if (!nothing_in_the_way(names, dir, error))
		return false;
	for (guint i = 0; i < names->len; i++) {
		g_autofree char *from = g_build_filename(growing, names->pdata[i], NULL);
		g_autofree char *to = g_build_filename(dir, names->pdata[i], NULL);

		if (g_rename(from, to) < 0)
			return cannot(to, errno, error);
	}
	g_rmdir(growing);
	return true;
}

void world_capture_discard(const char *dir) {
	g_autofree char *growing = dir ? growing_folder(dir) : NULL;
	g_autoptr(GPtrArray) names = growing ? list_folder(growing) : NULL;

	for (guint i = 0; names && i < names->len; i++) {
		g_autofree char *path = g_build_filename(growing, names->pdata[i], NULL);

		g_unlink(path);
	}
	if (growing)
		g_rmdir(growing);
}

/* --- all -------------------------------------------------------------------------------------- */

bool world_capture(struct world *world, const char *dir, GError **error) {
	g_autofree char *to = growing_folder(dir);
	g_autoptr(GError) why = NULL;
	bool good = true;

	world_capture_discard(dir); /* of a run that was killed */
	if (g_mkdir(to, 0777) < 0)
		return cannot(to, errno, error);
	world->captures = captures_new(world, to);
	for (guint i = 0; good && i < world->sc->groups->len; i++) {
		const struct group *group = world->sc->groups->pdata[i];

		if (group->kind->capture)
			good = group->kind->capture(world->captures, group, &why);
	}
	return good || capture_failed(why->message, error);
}

bool world_capture_close(struct world *world, GError **error) {
	g_autoptr(GError) why = NULL;
	guint n = world->captures ? world->captures->running->len : 0;

	for (guint i = 0; i < n; i++) {
		const struct running *r =
			&g_array_index(world->captures->running, struct running, i);

		if (r->stop)
			r->stop(r->arg);
		capture_close(r->capture, why ? NULL : &why);
	}
	if (n)
		g_array_set_size(world->captures->running, 0);
	return !why || capture_failed(why->message, error);
}
