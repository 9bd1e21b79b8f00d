/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * --pcap: a capture for each interface, eth0.pcap, one for each group of peers, clients.pcap, and for
 * each offload card one of its other side too, toe0-pci.pcap: what passes between host and card, as
 * lines of text.
 */
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "lab/world.h"
#include "net/capture.h"

static void add(struct world *world, struct capture *capture) {
	g_ptr_array_add(world->captures, capture);
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
	g_autofree char *file = g_strconcat(group->name, "-pci.pcap", NULL);
	g_autofree char *path = g_build_filename(dir, file, NULL);
	struct capture *capture = capture_text_new(world->sim, path, error);

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

static bool nothing_in_the_way(const char *from, const char *to, GError **error) {
	g_autoptr(GDir) folder = g_dir_open(from, 0, NULL);
	const char *name;

	while (folder && (name = g_dir_read_name(folder))) {
		g_autofree char *target = g_build_filename(to, name, NULL);
		g_autofree char *why = NULL;

		if (!g_file_test(target, G_FILE_TEST_IS_DIR))
			continue;
		why = g_strdup_printf("%s: %s", target, g_strerror(EISDIR));
		return capture_failed(why, error);
	}
	return true;
}

/* Moves all files of the one folder to the other, or removes them (`to` NULL), and the folder. */
static bool clear_folder(const char *from, const char *to, GError **error) {
	g_autoptr(GDir) folder = NULL;
	const char *name;

	if (to && !nothing_in_the_way(from, to, error))
		return false;
	folder = g_dir_open(from, 0, NULL);
	while (folder && (name = g_dir_read_name(folder))) {
		g_autofree char *path = g_build_filename(from, name, NULL);
		g_autofree char *target = to ? g_build_filename(to, name, NULL) : NULL;
		g_autofree char *why = NULL;

		if ((target ? g_rename(path, target) : g_unlink(path)) == 0)
			continue;
		why = g_strdup_printf("%s: %s", target ? target : path, g_strerror(errno));
		return capture_failed(why, error);
	}
	g_rmdir(from);
	return true;
}

void world_capture_discard(const char *dir) {
	g_autofree char *from = dir ? growing_folder(dir) : NULL;

	if (from)
		clear_folder(from, NULL, NULL);
}

/* --- all -------------------------------------------------------------------------------------- */

static bool capture_interface(struct world *world, const struct group *group, const char *dir,
			      GError **error) {
	g_autofree char *file = g_strconcat(group->name, ".pcap", NULL);
	g_autofree char *path = g_build_filename(dir, file, NULL);
	struct port *port = g_hash_table_lookup(world->ports, group->name);
	struct capture *capture = capture_new(world->sim, port, path, error);

	if (capture)
		add(world, capture);
	return capture;
}

/* One file for all of them: a thousand are as many as a process may have open. */
static bool capture_peers(struct world *world, const struct group *group, const char *dir,
			  GError **error) {
	const struct peer_set *set = group->live;
	g_autofree char *file = g_strconcat(group->name, ".pcap", NULL);
	g_autofree char *path = g_build_filename(dir, file, NULL);
	struct capture *capture = NULL;

	for (unsigned i = 0; i < set->n; i++) {
		g_autofree char *name = g_strdup_printf("%s.%u", group->name, i);
		struct port *port = g_hash_table_lookup(world->ports, name);

		if (capture)
			capture_watch(capture, port);
		else if (!(capture = capture_new(world->sim, port, path, error)))
			return false;
	}
	add(world, capture);
	return true;
}

bool world_capture(struct world *world, const char *dir, GError **error) {
	g_autofree char *to = growing_folder(dir);
	g_autoptr(GError) why = NULL;
	bool good = true;

	world_capture_discard(dir); /* of a run that was killed */
	g_mkdir_with_parents(to, 0777);
	world->capture_dir = dir;
	for (guint i = 0; good && i < world->sc->groups->len; i++) {
		const struct group *group = world->sc->groups->pdata[i];
		enum type_id type = type_id(group->type);

		if ((type == TYPE_NIC || type == TYPE_TOE) && group->live)
			good = capture_interface(world, group, to, &why);
		if (good && type == TYPE_TOE && group->live)
			good = capture_pci(world, group, to, &why);
		if (good && type == TYPE_PEER && group->live)
			good = capture_peers(world, group, to, &why);
	}
	return good || capture_failed(why->message, error);
}

bool world_capture_close(struct world *world, GError **error) {
	g_autofree char *from = world->capture_dir ? growing_folder(world->capture_dir) : NULL;
	g_autoptr(GError) why = NULL;
	struct group *group;

	for (unsigned i = 0; (group = scenario_nth(world->sc, TYPE_TOE, i)); i++)
		if (group->live)
			toe_tap(group->live, NULL, NULL);
	for (guint i = 0; i < world->captures->len; i++)
		capture_close(world->captures->pdata[i], why ? NULL : &why);
	g_ptr_array_set_size(world->captures, 0);
	if (why)
		return capture_failed(why->message, error);
	return !from || clear_folder(from, world->capture_dir, error);
}
