/* hybrid.c - 30 threads and 300 tasks: a task has four steps, and any thread takes the next.
 *
 *     memscope run -- build/examples/hybrid
 *
 * Threads say who did the work, tasks for whom. An order is begun within a batch, its parent; its steps
 * wait in one queue. What a step allocates belongs to the order, whichever thread runs it; what the last
 * step frees was often allocated by other threads. Each tenth order forgets its receipt, and every
 * thirtieth is never ended: a zombie.
 *
 * Its books: for each order what was allocated for it and what is left, in all and one by one; how many
 * tasks there were, of which parent. */
#include <pthread.h>
#include <string.h>

#include "memscope.h"
#include "example.h"

enum { THREADS = 30, BATCHES = 10, ORDERS = 30, ALL = BATCHES * ORDERS, STEPS = 4, RECEIPT = 36 };

struct order {
    uint64_t task;
    unsigned number, step;
    char *goods, *invoice, *receipt;
    struct books books;
};

static struct order orders[ALL];
static char *forgotten[ALL];

/* What waits for a thread: at most every order once, as an order has one next step. */
static struct {
    pthread_mutex_t lock;
    struct order *waiting[ALL];
    unsigned first, count;
} queue = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void put(struct order *order) {
    pthread_mutex_lock(&queue.lock);
    queue.waiting[(queue.first + queue.count++) % ALL] = order;
    pthread_mutex_unlock(&queue.lock);
}

/* NULL when nothing waits: who has the steps that are left puts them back himself. */
static struct order *get(void) {
    pthread_mutex_lock(&queue.lock);
    struct order *order = NULL;
    if (queue.count > 0) {
        order = queue.waiting[queue.first];
        queue.first = (queue.first + 1) % ALL;
        queue.count--;
    }
    pthread_mutex_unlock(&queue.lock);
    return order;
}

static size_t goods_size(const struct order *order) {
    return 100 + order->number;
}

static void collect(struct order *order) {
    char *goods = take(&order->books, goods_size(order));
    MEMSCOPE_TRACK(goods);
    memset(goods, 'g', goods_size(order));
    order->goods = goods;
}

static void charge(struct order *order) {
    order->invoice = take(&order->books, 2 * goods_size(order));
    memcpy(order->invoice, order->goods, goods_size(order));
    order->receipt = take(&order->books, RECEIPT);
    snprintf(order->receipt, RECEIPT, "order %u", order->number);
}

static void ship(struct order *order) {
    give_back(&order->books, order->goods, goods_size(order));
}

static void close_order(struct order *order) {
    give_back(&order->books, order->invoice, 2 * goods_size(order));
    if (order->number % 10 == 9)
        forgotten[order->number] = order->receipt;
    else
        give_back(&order->books, order->receipt, RECEIPT);
    if (order->number % 30 != 29)
        memscope_task_end(order->task);
}

static void *work(void *unused) {
    static void (*const steps[STEPS])(struct order *) = {collect, charge, ship, close_order};
    for (struct order *order; (order = get()) != NULL;) {
        memscope_task_switch(order->task);
        steps[order->step++](order);
        memscope_task_switch(0);
        if (order->step < STEPS)
            put(order);
    }
    return unused;
}

static void begin_orders(void) {
    for (unsigned batch = 0; batch < BATCHES; batch++) {
        MEMSCOPE_TASK("batch");
        for (unsigned i = 0; i < ORDERS; i++) {
            struct order *order = &orders[batch * ORDERS + i];
            order->number = batch * ORDERS + i;
            order->task = MEMSCOPE_TASK_BEGIN("order");
            put(order);
        }
    }
}

int main(void) {
    pthread_t threads[THREADS];
    struct books sum = {0};
    begin_orders();
    for (unsigned i = 0; i < THREADS; i++)
        NEED(pthread_create(&threads[i], NULL, work, NULL) == 0);
    for (unsigned i = 0; i < THREADS; i++)
        NEED(pthread_join(threads[i], NULL) == 0);

    printf("task.order.each.bytes_allocated="); /* the orders are in order of their size */
    for (unsigned i = 0; i < ALL; i++) {
        NEED(orders[i].step == STEPS);
        printf("%s%" PRIu64, i == 0 ? "" : ",", orders[i].books.bytes);
        add_books(&sum, &orders[i].books);
    }
    printf("\ntask.order.count=%d\n", ALL);
    printf("task.order.parent=batch\n");
    printf("task.order.zombies=%d\n", ALL / 30);
    print_books("task.order", &sum);
    print_books("site.work", &sum);
    printf("task.order.live_blocks=%d\n", ALL / 10);
    printf("task.batch.count=%d\n", BATCHES);
    printf("task.batch.allocations=0\n");
    printf("variable.goods.count=%d\n", ALL);
    printf("variable.goods.task=order\n");
    printf("variable.goods.alive=0\n");
    return 0;
}
