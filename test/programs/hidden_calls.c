/* hidden_calls.c - functions of libc that allocate behind their caller's back: formatted output,
 * lines, streams in memory, directory and locale reading, sorting. How much they allocate is
 * libc's business: the counts are compared with the oracle's. */
#include <dirent.h>
#include <glob.h>
#include <locale.h>
#include <regex.h>
#include <search.h>

#include "victim.h"

static int by_value(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

static void formatted(void) {
    char *text = NULL;
    EXPECT(asprintf(&text, "%d %s %600d", 42, "words", 7) == 609);
    free(text);
    printf("%s\n", "a line through stdio");
}

static void streams(void) {
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    EXPECT(memory != NULL);
    for (int i = 0; i < 2000; i++)
        fprintf(memory, "line %d\n", i);
    fclose(memory);
    FILE *lines = fmemopen(text, size, "r");
    EXPECT(lines != NULL);
    char *line = NULL;
    size_t capacity = 0;
    int count = 0;
    while (getline(&line, &capacity, lines) > 0)
        count++;
    EXPECT(count == 2000);
    free(line);
    fclose(lines);
    free(text);
}

static void collections(void) {
    int values[3000];
    for (int i = 0; i < 3000; i++)
        values[i] = i * 7919 % 3000;
    qsort(values, 3000, sizeof values[0], by_value);
    void *tree = NULL;
    for (int i = 0; i < 100; i++)
        EXPECT(tsearch(&values[i], &tree, by_value) != NULL);
    for (int i = 0; i < 100; i++)
        tdelete(&values[i], &tree, by_value);
}

static void system_tables(void) {
    regex_t pattern;
    EXPECT(regcomp(&pattern, "^[a-z]+(foo|bar)*$", REG_EXTENDED) == 0);
    EXPECT(regexec(&pattern, "abcfoobar", 0, NULL, 0) == 0);
    regfree(&pattern);
    DIR *directory = opendir("/");
    EXPECT(directory != NULL);
    while (readdir(directory) != NULL)
        continue;
    closedir(directory);
    glob_t found;
    EXPECT(glob("/usr/bin/[ac]*t", 0, NULL, &found) == 0);
    globfree(&found);
    EXPECT(setlocale(LC_ALL, "C.UTF-8") != NULL);
}

int main(void) {
    formatted();
    streams();
    collections();
    system_tables();
    say("hidden calls done\n");
    return 0;
}
