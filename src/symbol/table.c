#include "symbol/table.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <gelf.h>

#include "symbol/grow.h"

typedef struct ms_symbol {
    const char *name;
    uint64_t address;
    uint64_t end;   /* 0: no size given */
    uint64_t limit; /* end of its section */
    uint8_t type;
    uint8_t binding;
} ms_symbol;

/* What reading one symbol table needs. */
typedef struct ms_reader {
    Elf *elf;
    GElf_Shdr header; /* of the table */
    bool dynamic;
} ms_reader;

static bool is_code_type(int type) {
    return type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE;
}

/* The end of the executable section that holds the symbol, or 0. */
static uint64_t section_end(const ms_reader *reader, const GElf_Sym *symbol) {
    GElf_Shdr section;
    if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx >= SHN_LORESERVE ||
        !gelf_getshdr(elf_getscn(reader->elf, symbol->st_shndx), &section) ||
        !(section.sh_flags & SHF_EXECINSTR) || symbol->st_value < section.sh_addr ||
        symbol->st_value - section.sh_addr >= section.sh_size) {
        return 0;
    }
    uint64_t end = section.sh_addr + section.sh_size;
    return end > section.sh_addr ? end : 0;
}

static bool parse_symbol(const ms_reader *reader, const GElf_Sym *raw, ms_symbol *symbol) {
    uint64_t end = is_code_type(GELF_ST_TYPE(raw->st_info)) ? section_end(reader, raw) : 0;
    /* Exports leave static functions out, so one without a size would claim its neighbours. */
    if (!end || (raw->st_size == 0 && reader->dynamic)) {
        return false;
    }
    const char *name = elf_strptr(reader->elf, reader->header.sh_link, raw->st_name);
    if (!name || !*name || *name == '$') { /* $x, $d: aarch64 marks code and data so */
        return false;
    }
    *symbol = (ms_symbol){
        .name = name,
        .address = raw->st_value,
        .limit = end,
        .type = GELF_ST_TYPE(raw->st_info),
        .binding = GELF_ST_BIND(raw->st_info),
    };
    if (raw->st_size) {
        symbol->end = raw->st_size < end - raw->st_value ? raw->st_value + raw->st_size : end;
    }
    return true;
}

static void read_symbols(ms_table *table, const ms_reader *reader, Elf_Data *data) {
    for (int i = 0; i < INT_MAX; i++) {
        GElf_Sym raw;
        ms_symbol symbol;
        if (!gelf_getsym(data, i, &raw)) {
            return; /* past the last */
        }
        if (!parse_symbol(reader, &raw, &symbol)) {
            continue;
        }
        ms_symbol *symbols =
            ms_grow(table->symbols, table->count, &table->capacity, sizeof *symbols);
        if (!symbols) {
            return;
        }
        table->symbols = symbols;
        symbols[table->count++] = symbol;
    }
}

static Elf_Scn *find_table(Elf *elf, unsigned type, GElf_Shdr *header) {
    for (Elf_Scn *scn = NULL; (scn = elf_nextscn(elf, scn));) {
        if (gelf_getshdr(scn, header) && header->sh_type == type) {
            return scn;
        }
    }
    return NULL;
}

ms_symbols_source ms_table_read(ms_table *table, const ms_image *image) {
    ms_reader reader = {.elf = image->elf};
    Elf_Scn *scn = find_table(image->elf, SHT_SYMTAB, &reader.header);
    if (!scn) {
        reader.dynamic = true;
        scn = find_table(image->elf, SHT_DYNSYM, &reader.header);
    }
    Elf_Data *data = scn ? elf_getdata(scn, NULL) : NULL;
    size_t before = table->count;
    if (data) {
        read_symbols(table, &reader, data);
    }
    if (table->count == before) {
        return MS_SYMBOLS_NONE;
    }
    return reader.dynamic ? MS_SYMBOLS_DYNSYM : MS_SYMBOLS_SYMTAB;
}

static size_t leading_underscores(const char *name) {
    return strspn(name, "_");
}

static int binding_rank(int binding) {
    switch (binding) {
    case STB_LOCAL: return 0;
    case STB_WEAK: return 1;
    default: return 2; /* global, GNU unique */
    }
}

/* Of several names for one address the one people use is worth most: a function over a label, an
 * exported over a local name, `malloc` over `__libc_malloc`. The order is total, so the same file
 * always gives the same names. */
static int compare_worth(const ms_symbol *a, const ms_symbol *b) {
    bool function_a = a->type != STT_NOTYPE, function_b = b->type != STT_NOTYPE;
    if (function_a != function_b) {
        return function_a - function_b;
    }
    bool local_a = a->binding == STB_LOCAL, local_b = b->binding == STB_LOCAL;
    if (local_a != local_b) {
        return local_b - local_a;
    }
    size_t underscores_a = leading_underscores(a->name);
    size_t underscores_b = leading_underscores(b->name);
    if (underscores_a != underscores_b) {
        return underscores_a < underscores_b ? 1 : -1;
    }
    int rank_a = binding_rank(a->binding), rank_b = binding_rank(b->binding);
    if (rank_a != rank_b) {
        return rank_a - rank_b;
    }
    size_t length_a = strlen(a->name), length_b = strlen(b->name);
    if (length_a != length_b) {
        return length_a < length_b ? 1 : -1;
    }
    return strcmp(b->name, a->name);
}

/* By address, the best name of each last: of spans with one start the last one wins. */
static int compare_symbols(const void *left, const void *right) {
    const ms_symbol *a = left, *b = right;
    if (a->address != b->address) {
        return a->address < b->address ? -1 : 1;
    }
    return compare_worth(a, b);
}

/* From the last to the first: a symbol without a size ends where the next one starts, or with its
 * section. */
static void add_spans(ms_table *table) {
    uint64_t start = UINT64_MAX, next = UINT64_MAX; /* this address; the next higher one in use */
    for (size_t i = table->count; i-- > 0;) {
        const ms_symbol *symbol = &table->symbols[i];
        if (symbol->address < start) {
            next = start;
            start = symbol->address;
        }
        uint64_t end = symbol->end ? symbol->end : next < symbol->limit ? next : symbol->limit;
        if (!ms_spans_add(&table->spans, start, end, (uint32_t)i)) {
            return;
        }
    }
}

void ms_table_finish(ms_table *table) {
    if (table->count) {
        qsort(table->symbols, table->count, sizeof *table->symbols, compare_symbols);
        add_spans(table);
        ms_spans_flatten(&table->spans);
    }
}

void ms_table_deinit(ms_table *table) {
    ms_spans_deinit(&table->spans);
    free(table->symbols);
    *table = (ms_table){0};
}

const char *ms_table_find(const ms_table *table, uint64_t address) {
    uint32_t index;
    return ms_spans_find(&table->spans, address, &index) ? table->symbols[index].name : NULL;
}
