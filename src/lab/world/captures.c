/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --pcap: a capture for each interface and tap, eth0.pcap, one for each group of peers, clients.pcap, and
 * for each offload card one of its other side too, toe0-pci.pcap: what passes between host and card, as
 * lines of text.
 */
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "lab/world/world.h"
#include "net/wire/capture.h"

static void add(struct world *world, struct capture *capture) {
	g_ptr_array_add(world->captures, capture);
}

/* Two captures of one name would be one file: [toe0] and [toe0-pci]. */
static char *capture_path(struct world *world, const char *dir, const char *group, const char *suffix,
			  GError **error) {
	g_autofree char *name = g_strconcat(group, suffix, NULL);

	if (g_ptr_array_find_with_equal_func(world->capture_names, name, g_str_equal, NULL)) {
		g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT,
			    "[%s] would have the same file as another group, %s", group, name);
		return NULL;
	}
	g_ptr_array_add(world->capture_names, g_strdup(name));
	return g_build_filename(dir, name, NULL);
}

/* --- the PCI side ----------------------------------------------------------------------------- */

static char *command_line(const struct comm_command *cmd) {
	g_autoptr(GString) line = g_string_new(NULL);

	g_string_printf(line, "command %u.%u %s", cmd->id, cmd->generation, comm_opcode_name(cmd->opcode));
	if (cmd->sock.generation)
		g_string_append_printf(line, " socket %u.%u", cmd->sock.index, cmd->sock.generation);
	if (cmd->addr || cmd->port) {
		g_autofree char *addr = quantity_format_address(cmd->addr);

		g_string_append_printf(line, " %s:%u", addr, cmd->port);
	}
	if (cmd->length)
		g_string_append_printf(line, ", %u bytes %s", cmd->length,
				       cmd->flags & COMM_TO_CARD ? "to the card" : "at most to the host");
	if (cmd->flags & COMM_NONBLOCK)
		g_string_append(line, ", does not wait");
	if (cmd->flags & COMM_QUIET)
		g_string_append(line, ", quiet");
	return g_string_free(g_steal_pointer(&line), FALSE);
}

static char *completion_line(const struct comm_completion *entry) {
	g_autoptr(GString) line = g_string_new(NULL);

	if (entry->kind == COMM_EVENT)
		g_string_printf(line, "event socket %u.%u, poll mask 0x%x", entry->sock.index,
				entry->sock.generation, entry->poll);
	else if (entry->result < 0)
		g_string_printf(line, "completion %u.%u: %s", entry->id, entry->generation,
				g_strerror(-entry->result));
	else
		g_string_printf(line, "completion %u.%u: %d", entry->id, entry->generation, entry->result);
	if (entry->length)
		g_string_append_printf(line, ", %u bytes to the host", entry->length);
	return g_string_free(g_steal_pointer(&line), FALSE);
}

static char *doorbell_line(const struct comm_doorbell *bell) {
	return g_strdup_printf("doorbell: %" G_GUINT64_FORMAT " commands, %" G_GUINT64_FORMAT
			       " completions taken%s", bell->published, bell->taken,
			       bell->arm ? ", next one shall interrupt" : "");
}

static void take(void *capture, enum comm_sight what, const void *message) {
	g_autofree char *line = what == COMM_SAW_DOORBELL     ? doorbell_line(message)
				: what == COMM_SAW_COMMAND    ? command_line(message)
				: what == COMM_SAW_COMPLETION ? completion_line(message)
							      : g_strdup("interrupt");

	capture_text(capture, line);
}

static bool capture_pci(struct world *world, const struct group *group, const char *dir,
			GError **error) {
	g_autofree char *path = capture_path(world, dir, group->name, "-pci.pcap", error);
	struct capture *capture = path ? capture_text_new(world->sim, path, error) : NULL;

	if (capture) {
		toe_tap(group->live, take, capture);
		add(world, capture);
	}
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

static bool capture_interface(struct world *world, const struct group *group, const char *dir,
			      GError **error) {
	g_autofree char *path = capture_path(world, dir, group->name, ".pcap", error);
	struct port *port = g_hash_table_lookup(world->ports, group->name);
	struct capture *capture = path ? capture_new(world->sim, port, path, error) : NULL;

	if (capture)
		add(world, capture);
	return capture;
}

/* One file for all of them: a thousand are as many as a process may have open. */
static bool capture_peers(struct world *world, const struct group *group, const char *dir,
			  GError **error) {
	const struct peer_set *set = group->live;
	g_autofree char *path = capture_path(world, dir, group->name, ".pcap", error);
	struct capture *capture = NULL;

	for (unsigned i = 0; path && i < set->n; i++) {
		g_autofree char *name = g_strdup_printf("%s.%u", group->name, i);
		struct port *port = g_hash_table_lookup(world->ports, name);

		if (capture)
			capture_watch(capture, port);
		else if (!(capture = capture_new(world->sim, port, path, error)))
			return false;
	}
	if (capture)
		add(world, capture);
	return capture;
}

bool world_capture(struct world *world, const char *dir, GError **error) {
	g_autofree char *to = growing_folder(dir);
	g_autoptr(GError) why = NULL;
	bool good = true;

	world_capture_discard(dir); /* of a run that was killed */
	if (g_mkdir(to, 0777) < 0)
		return cannot(to, errno, error);
	for (guint i = 0; good && i < world->sc->groups->len; i++) {
		const struct group *group = world->sc->groups->pdata[i];
		enum type_id type = type_id(group->type);

		if (type == TYPE_TAP || ((type == TYPE_NIC || type == TYPE_TOE) && group->live))
			good = capture_interface(world, group, to, &why);
		if (good && type == TYPE_TOE && group->live)
			good = capture_pci(world, group, to, &why);
		if (good && type == TYPE_PEER && group->live)
			good = capture_peers(world, group, to, &why);
	}
	return good || capture_failed(why->message, error);
}

bool world_capture_close(struct world *world, GError **error) {
	g_autoptr(GError) why = NULL;
	struct group *group;

	for (unsigned i = 0; (group = scenario_nth(world->sc, TYPE_TOE, i)); i++)
		if (group->live)
			toe_tap(group->live, NULL, NULL);
	for (guint i = 0; i < world->captures->len; i++)
		capture_close(world->captures->pdata[i], why ? NULL : &why);
	g_ptr_array_set_size(world->captures, 0);
	return !why || capture_failed(why->message, error);
}
