/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How are a report's tables written? */
#include <string.h>

#include "lab/figures/report_parts.h"
#include "lab/figures/svg.h"

static bool is_number(const char *text) {
	char *end;

	g_ascii_strtod(text, &end);
	return *text && !*end;
}

static void put_cell(GString *out, const char *text, const char *look) {
	if (!look && is_number(text))
		look = "n";
	if (look)
		g_string_append_printf(out, "<td class=\"%s\">", look);
	else
		g_string_append(out, "<td>");
	svg_escape(out, text);
	g_string_append(out, "</td>");
}

static void put_head(GString *out, const char *text, bool number, bool sorts) {
	g_string_append_printf(out, "<th scope=\"col\"%s>", number ? " class=\"n\"" : "");
	if (sorts)
		g_string_append(out, "<button type=\"button\">");
	svg_escape(out, text);
	g_string_append(out, sorts ? "</button></th>" : "</th>");
}

/* The first cell of a row is its heading. */
static void put_name(GString *out, const char *text) {
	g_string_append(out, "<tr><th scope=\"row\">");
	svg_escape(out, text);
	g_string_append(out, "</th>");
}

static void table_begin(GString *out, const char *look, const char *caption) {
	g_string_append_printf(out,
	                       "<div class=\"wide\" tabindex=\"0\" role=\"region\" "
	                       "aria-label=\"%s\"><table class=\"%s\"><caption>",
	                       caption, look);
	svg_escape(out, caption);
	g_string_append(out, "</caption><thead><tr>");
}

static void table_end(GString *out) { g_string_append(out, "</tbody></table></div>\n"); }

void report_csv_table(struct report *report, const struct csv *csv, const char *caption,
                      bool sorts) {
	guint columns = g_strv_length(csv->columns);
	GString *out = report->body;

	table_begin(out, sorts ? "sort" : "plain", caption);
	for (guint c = 0; c < columns; c++)
		put_head(out, csv->columns[c],
		         c && csv->rows->len && is_number(((char **)csv->rows->pdata[0])[c]),
		         sorts);
	g_string_append(out, "</tr></thead><tbody>\n");
	for (guint i = 0; i < csv->rows->len; i++) {
		char **row = csv->rows->pdata[i];

		put_name(out, row[0]);
		for (guint c = 1; c < columns; c++)
			put_cell(out, row[c], g_str_equal(csv->columns[c], "unit") ? "w" : NULL);
		g_string_append(out, "</tr>\n");
	}
	table_end(out);
}

/* --- claims ----------------------------------------------------------------------------------- */

/* Not by colour alone: a sign and a word say it. */
static const struct {
	const char *word, *shown, *look;
} verdicts[] = {{"yes", "\342\234\223 holds", "yes"},
                {"no", "\342\234\227 does not hold", "no"},
                {"undecided", "? undecided", "open"}};

static void put_verdict(GString *out, const char *word) {
	for (size_t i = 0; i < G_N_ELEMENTS(verdicts); i++)
		if (g_str_equal(word, verdicts[i].word)) {
			put_cell(out, verdicts[i].shown, verdicts[i].look);
			return;
		}
	put_cell(out, word, NULL);
}

void report_claims(struct report *report, const struct csv *claims) {
	static const char *const names[] = {"claim",     "paper", "simulated", "ci95",
	                                    "tolerance", "role",  "holds"};
	int at[G_N_ELEMENTS(names)];
	GString *out = report->body;

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		if ((at[i] = csv_column(claims, names[i])) < 0)
			return;
	table_begin(out, "plain", "Numbers of the paper");
	put_head(out, "claim", false, false);
	put_head(out, "paper", true, false);
	put_head(out, "simulated", true, false);
	/* Before what is wide, so that a telephone shows it. */
	put_head(out, "verdict", false, false);
	put_head(out, "95 % interval", true, false);
	put_head(out, "tolerance", true, false);
	put_head(out, "role", false, false);
	g_string_append(out, "</tr></thead><tbody>\n");
	for (guint i = 0; i < claims->rows->len; i++) {
		char **row = claims->rows->pdata[i];
		g_autofree char *half = g_strconcat("\302\261 ", row[at[3]], NULL);
		g_autofree char *name = g_strdelimit(g_strdup(row[at[0]]), "_", ' ');

		put_name(out, name);
		put_cell(out, row[at[1]], NULL);
		put_cell(out, row[at[2]], NULL);
		put_verdict(out, row[at[6]]);
		put_cell(out, *row[at[3]] ? half : "", "n");
		put_cell(out, row[at[4]], NULL);
		put_cell(out, row[at[5]],
		         g_str_equal(row[at[5]], "predicted") ? "predicted" : NULL);
		g_string_append(out, "</tr>\n");
	}
	table_end(out);
}

/* --- a run's measures --------------------------------------------------------------------------- */

static JsonObject *object_of(JsonObject *of, const char *name) {
	JsonNode *node = of ? json_object_get_member(of, name) : NULL;

	return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static const char *text_of(JsonObject *of, const char *name) {
	JsonNode *node = of ? json_object_get_member(of, name) : NULL;

	return node && JSON_NODE_HOLDS_VALUE(node) &&
	                       json_node_get_value_type(node) == G_TYPE_STRING
	               ? json_node_get_string(node)
	               : "";
}

/* What a measure is, as the types of groups declare it: the first that has one of that name.  NULL: none. */
static JsonObject *declared(const struct report *report, const char *measure) {
	JsonObject *types = object_of(report->about, "measures");
	g_autoptr(GList) names = types ? json_object_get_members(types) : NULL;

	for (GList *type = names; type; type = type->next) {
		JsonObject *of = object_of(types, type->data);
		g_autoptr(GList) patterns = of ? json_object_get_members(of) : NULL;

		for (GList *p = patterns; p; p = p->next)
			if (!g_str_equal(p->data, "*") && g_pattern_match_simple(p->data, measure))
				return object_of(of, p->data);
	}
	return NULL;
}

void report_summary(struct report *report, const struct csv *summary) {
	GString *out = report->body;

	table_begin(out, "filtered", "Measures of the run");
	put_head(out, "measure", false, false);
	put_head(out, "value", true, false);
	put_head(out, "unit", false, false);
	put_head(out, "meaning", false, false);
	g_string_append(out, "</tr></thead><tbody>\n");
	for (guint i = 0; i < summary->rows->len; i++) {
		char **row = summary->rows->pdata[i];
		const char *dot = strchr(row[0], '.');
		JsonObject *of = declared(report, dot ? dot + 1 : row[0]);

		put_name(out, row[0]);
		put_cell(out, row[1], NULL);
		put_cell(out, text_of(of, "unit"), "w");
		put_cell(out, text_of(of, "meaning"), "u");
		g_string_append(out, "</tr>\n");
	}
	table_end(out);
}

/* --- where it came from ------------------------------------------------------------------------- */

void report_changes(struct report *report) {
	JsonObject *changes = object_of(report->about, "changes");
	JsonObject *parameters = object_of(report->about, "parameters");
	g_autoptr(GList) names = changes ? json_object_get_members(changes) : NULL;
	GString *out = report->body;

	if (!names)
		return;
	report_begin(report, "changes", "What was changed");
	table_begin(out, "plain", "Parameters that differ");
	put_head(out, "parameter", false, false);
	put_head(out, "as it is", true, false);
	put_head(out, "changed", true, false);
	put_head(out, "source of what it is", false, false);
	g_string_append(out, "</tr></thead><tbody>\n");
	for (GList *name = names; name; name = name->next) {
		JsonObject *change = object_of(changes, name->data);

		put_name(out, name->data);
		put_cell(out, text_of(change, "was"), "n");
		put_cell(out, text_of(change, "is"), "n");
		put_cell(out, text_of(object_of(parameters, name->data), "source"), "u");
		g_string_append(out, "</tr>\n");
	}
	table_end(out);
	report_end(report);
}

void report_parameters(struct report *report) {
	JsonObject *parameters = object_of(report->about, "parameters");
	g_autoptr(GList) names = parameters ? json_object_get_members(parameters) : NULL;
	GString *out = report->body;

	if (!names)
		return;
	report_begin(report, "parameters", "Parameters");
	report_text(report, "p", "lead",
	            "All that was in force, with its source. Defaults are not printed on paper.");
	table_begin(out, "filtered", "Parameters in force");
	put_head(out, "parameter", false, false);
	put_head(out, "value", true, false);
	put_head(out, "role", false, false);
	put_head(out, "source", false, false);
	g_string_append(out, "</tr></thead><tbody>\n");
	for (GList *name = names; name; name = name->next) {
		JsonObject *p = object_of(parameters, name->data);

		g_string_append(out, g_str_equal(text_of(p, "role"), "default")
		                             ? "<tr class=\"default\"><th scope=\"row\">"
		                             : "<tr><th scope=\"row\">");
		svg_escape(out, name->data);
		g_string_append(out, "</th>");
		/* A sweep has the value alone. */
		put_cell(out, p ? text_of(p, "value") : text_of(parameters, name->data), "n");
		put_cell(out, text_of(p, "role"), "w");
		put_cell(out, text_of(p, "source"), "u");
		g_string_append(out, "</tr>\n");
	}
	table_end(out);
	report_end(report);
}

static void put_fact(GString *out, const char *name, const char *value) {
	put_name(out, name);
	put_cell(out, value, "u");
	g_string_append(out, "</tr>\n");
}

/* What is of one day and one machine is left out: date, folder, how many at a time. */
static char *command_of(const struct report *report) {
	GString *bytes = report_file(report, "about.json");
	g_autoptr(JsonParser) parser = json_parser_new();
	bool good =
		bytes && json_parser_load_from_data(parser, bytes->str, (gssize)bytes->len, NULL);
	JsonNode *root = good ? json_parser_get_root(parser) : NULL;
	const char *line = root && JSON_NODE_HOLDS_OBJECT(root)
	                           ? text_of(json_node_get_object(root), "command")
	                           : "";
	g_auto(GStrv) words = NULL;
	GString *command = g_string_new(NULL);

	if (bytes)
		g_string_free(bytes, TRUE);
	if (!*line || !g_shell_parse_argv(line, NULL, &words, NULL))
		return g_string_free(command, FALSE);
	for (unsigned i = 0; words[i]; i++) {
		bool pair = g_str_equal(words[i], "--out") || g_str_equal(words[i], "--jobs");
		g_autofree char *quoted = g_shell_quote(words[i]);
		bool plain = strpbrk(words[i], " '\"$;&|<>*?()[]{}`\\") == NULL;

		if (g_str_has_prefix(words[i], "--out=") || g_str_has_prefix(words[i], "--jobs=") ||
		    g_str_equal(words[i], "--report"))
			continue;
		if (pair && words[i + 1]) {
			i++;
			continue;
		}
		g_string_append_printf(command, "%s%s", command->len ? " " : "",
		                       i == 0  ? "./sopsim"
		                       : plain ? words[i]
		                               : quoted);
	}
	return g_string_free(command, FALSE);
}

void report_provenance(struct report *report) {
	static const char *const texts[] = {"version", "commit", "scenario", "scenario_sha256"};
	g_autofree char *command = command_of(report);
	GString *out = report->body;

	report_begin(report, "provenance", "Provenance");
	table_begin(out, "plain", "Where the numbers come from");
	put_head(out, "what", false, false);
	put_head(out, "value", false, false);
	g_string_append(out, "</tr></thead><tbody>\n");
	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
		if (*text_of(report->about, texts[i]))
			put_fact(out, texts[i], text_of(report->about, texts[i]));
	if (report->about && json_object_has_member(report->about, "seed")) {
		g_autofree char *seed = g_strdup_printf(
			"%" G_GINT64_FORMAT, json_object_get_int_member(report->about, "seed"));

		put_fact(out, "seed", seed);
	}
	if (*command)
		put_fact(out, "the command that repeats it", command);
	table_end(out);
	report_text(report, "p", "lead",
	            "The same program, scenario and seed give the same bytes, on any machine.");
	report_end(report);
}
