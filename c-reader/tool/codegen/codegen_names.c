/* c-reader/tool/codegen: identifiers of generated code, each of which is used once. */
#define _GNU_SOURCE /* asprintf */

#include "codegen/codegen.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static uint64_t hash(const char *text)
{
	uint64_t hash = 0xCBF29CE484222325u;

	for (; *text != 0; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001B3u;
	return hash;
}

static char **slot_of(char **slots, size_t capacity, const char *text)
{
	size_t at = (size_t)hash(text) & (capacity - 1);

	while (slots[at] != NULL && strcmp(slots[at], text) != 0)
		at = (at + 1) & (capacity - 1);
	return &slots[at];
}

static bool grow(struct codegen_names *names)
{
	size_t capacity = names->capacity == 0 ? 256 : names->capacity * 2;
	char **slots = calloc(capacity, sizeof *slots);

	if (slots == NULL)
		return false;
	for (size_t i = 0; i < names->capacity; i++)
		if (names->slots[i] != NULL)
			*slot_of(slots, capacity, names->slots[i]) = names->slots[i];
	free(names->slots);
	names->slots = slots;
	names->capacity = capacity;
	return true;
}

/* A free one of text, text_2, text_3, ...  Numbers are tried in steps that double and then halve,
 * so that a schema in which all names are the same does not take the square of their number.
 * Numbers may be left out, but the same names always give the same numbers. */
static char *free_name(const struct codegen_names *names, const char *text)
{
	size_t size = strlen(text) + 24;
	char *name = malloc(size);
	uint64_t taken = 1, step = 1;

	if (name == NULL)
		return NULL;
	snprintf(name, size, "%s", text);
	if (*slot_of(names->slots, names->capacity, name) == NULL)
		return name;
	for (;; taken += step, step *= 2) {
		snprintf(name, size, "%s_%llu", text, (unsigned long long)(taken + step));
		if (*slot_of(names->slots, names->capacity, name) == NULL)
			break;
	}
	for (; step > 1; step /= 2) {
		uint64_t half = step / 2;

		snprintf(name, size, "%s_%llu", text, (unsigned long long)(taken + half));
		if (*slot_of(names->slots, names->capacity, name) != NULL)
			taken += half;
	}
	snprintf(name, size, "%s_%llu", text, (unsigned long long)(taken + 1));
	return name;
}

const char *codegen_unique(struct codegen_names *names, const char *format, ...)
{
	va_list arguments;
	char *text, *name = NULL;
	int length;

	if (names->count >= names->capacity / 2 && !grow(names))
		return NULL;
	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0)
		return NULL;
	name = free_name(names, text);
	free(text);
	if (name != NULL) {
		*slot_of(names->slots, names->capacity, name) = name;
		names->count++;
	}
	return name;
}

bool codegen_names_reserve(struct codegen_names *names)
{
	static const char *const words[] = {
		"and_eq",       "char16_t",      "char32_t",
		"char8_t",      "co_await",      "co_return",
		"co_yield",     "const_cast",    "dynamic_cast",
		"not_eq",       "or_eq",         "static_cast",
		"thread_local", "typeof_unqual", "wchar_t",
		"xor_eq",       "static_assert", "reinterpret_cast",
		"clock_t",      "div_t",         "int16_t",
		"int32_t",      "int64_t",       "int8_t",
		"intmax_t",     "intptr_t",      "ldiv_t",
		"max_align_t",  "mbstate_t",     "nullptr_t",
		"off_t",        "pid_t",         "ptrdiff_t",
		"size_t",       "ssize_t",       "time_t",
		"uid_t",        "gid_t",         "uint16_t",
		"uint32_t",     "uint64_t",      "uint8_t",
		"uintmax_t",    "uintptr_t",     "va_list",
		"wint_t",       "mode_t",        "dev_t",
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (codegen_unique(names, "%s", words[i]) == NULL)
			return false;
	return true;
}

void codegen_names_done(struct codegen_names *names)
{
	for (size_t i = 0; i < names->capacity; i++)
		free(names->slots[i]);
	free(names->slots);
}

void codegen_upper(char *text)
{
	for (; *text != 0; text++)
		if (*text >= 'a' && *text <= 'z')
			*text = (char)(*text - 'a' + 'A');
}

/* One _ at a time, none first. */
static size_t append(char *to, size_t at, char c)
{
	bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

	if (plain)
		to[at++] = c;
	else if (at > 0 && to[at - 1] != '_')
		to[at++] = '_';
	return at;
}

char *codegen_mangle(const char *path)
{
	size_t length = strlen(path), at = 0;
	char *to = malloc(length * 7 + 2); /* a ' is seven characters */
	bool small = false, begins = true;

	if (to == NULL)
		return NULL;
	if (length > 2 && strcmp(path + length - 2, ".t") == 0)
		length -= 2;
	for (size_t i = 0; i < length; i++) {
		char c = path[i];

		if (begins)
			small = c >= 'A' && c <= 'Z';
		begins = c == '.';
		if (c == '\'') {
			for (const char *prime = "_prime_"; *prime != 0; prime++)
				at = append(to, at, *prime);
		} else {
			at = append(to, at,
				    small && c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
		}
	}
	if (at > 0 && to[at - 1] == '_')
		at--;
	if (at == 0)
		to[at++] = 'x';
	to[at] = 0;
	return to;
}
