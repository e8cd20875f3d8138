/* The node of the eager engine in C: what value.py, operators.py and backward.py say in Python, with the same bits.

   Optional: without it the Python class answers. The arithmetic stands in rules.h, which the build writes from the
   text of the table's rows; nothing is derived here. What is not plain (a subclass, an observer, an operand that is
   no float or int, a value that Python refuses) is left to Python, which knows how to say what is wrong.

   A node is 80 bytes and no garbage collector walks it: edges lead from results to what they were made from, never
   back. So a graph is freed by its counts, through a queue, because a chain of a million must not recurse. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { LEAF, UNARY, BINARY, MANY }; /* the shape of a node: what its edges are */

typedef struct Node {
    PyObject_HEAD
    union { double data; struct Node *next; }; /* next: in the queue of the dying */
    double grad, to_left, to_right;
    PyObject *left, *right; /* Values; of a node with MANY edges the tuple of parents and what carries the edges */
    PyObject *op;           /* its primitive, NULL for a leaf */
    unsigned long long shape : 2, has_grad : 1, left_stops : 1, right_stops : 1, constant : 1, dressed : 1;
    unsigned long long mark : 57; /* the pass that met it last, and how far it came */
} Node;

static PyTypeObject *Value;  /* the exact type of every node an operation makes */
static PyObject *observers;  /* the set of open observers: while there is any, Python answers */
static PyObject *careful;    /* (primitive, operands) -> the operation done in Python */
static PyObject *initialise; /* Value.__init__ of Python, for what is not Value(float) */
static PyObject *by_hand;    /* the subclass of nodes that hold a function of their user's */
static PyObject *as_number;  /* (what should be a number, operation) -> float, or a TypeError that says what is wrong */
static PyObject *constant_tag, *many, *dress; /* dress: address of a node -> (label or None, tag or None) */

#define NODE(o) ((Node *)(o))
#define IS_NODE(o) (Py_TYPE(o) == Value)
#define OBSERVED (PySet_Size(observers) != 0)

/* ------------------------------------------------------------ making and freeing */

static inline Node *new_node(void) {
    Node *n = PyObject_New(Node, Value);
    if (n) memset((char *)n + sizeof(PyObject), 0, sizeof(Node) - sizeof(PyObject));
    return n;
}

static PyObject *leaf(double number) {
    Node *n = new_node();
    if (n) { n->data = number; n->constant = 1; }
    return (PyObject *)n;
}

static void undress(Node *n) {
    PyObject *type, *value, *trace, *key;
    PyErr_Fetch(&type, &value, &trace);
    if ((key = PyLong_FromVoidPtr(n))) { PyDict_DelItem(dress, key); Py_DECREF(key); }
    PyErr_Restore(type, value, trace);
}

static Node *dying; /* nodes whose count is 0 */
static int releasing;

static void node_dealloc(PyObject *self) {
    Node *n = NODE(self);
    PyTypeObject *type = Py_TYPE(self);
    if (n->dressed) undress(n);
    if (type != Value) { /* a subclass: its own dealloc called this one */
        Py_CLEAR(n->left); Py_CLEAR(n->right); Py_CLEAR(n->op);
        ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
        Py_DECREF(type);
        return;
    }
    n->next = dying;
    dying = n;
    if (releasing) return; /* the loop below, further out, takes it from the queue */
    releasing = 1;
    while (dying) {
        n = dying;
        dying = n->next;
        Py_XDECREF(n->left); Py_XDECREF(n->right); Py_XDECREF(n->op);
        PyObject_Free(n);
        Py_DECREF(type);
    }
    releasing = 0;
}

static PyObject *node_new(PyTypeObject *type, PyObject *args, PyObject *named) {
    if (type == Value) {
        int has_children = (PyTuple_Size(args) > 1 && !PyUnicode_Check(PyTuple_GetItem(args, 1)))
                           || (named && PyDict_GetItemString(named, "_children"));
        if (!has_children || !by_hand) return (PyObject *)new_node();
        type = (PyTypeObject *)by_hand;
    }
    return ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
}

static int node_init(PyObject *self, PyObject *args, PyObject *named) {
    PyObject *all, *done;
    Py_ssize_t count = PyTuple_Size(args);
    if (count == 1 && !named && PyFloat_CheckExact(PyTuple_GetItem(args, 0)) && !NODE(self)->op) {
        NODE(self)->data = PyFloat_AsDouble(PyTuple_GetItem(args, 0));
        return 0;
    }
    if (!(all = PyTuple_New(count + 1))) return -1;
    PyTuple_SetItem(all, 0, Py_NewRef(self));
    for (Py_ssize_t i = 0; i < count; i++) PyTuple_SetItem(all, i + 1, Py_NewRef(PyTuple_GetItem(args, i)));
    done = PyObject_Call(initialise, all, named);
    Py_DECREF(all);
    Py_XDECREF(done);
    return done ? 0 : -1;
}

/* ------------------------------------------------------------ operators */

static PyObject *ask_python(PyObject *op, PyObject *a, PyObject *b) {
    PyObject *operands = b ? PyTuple_Pack(2, a, b) : PyTuple_Pack(1, a), *made;
    if (!operands) return NULL;
    made = PyObject_CallFunctionObjArgs(careful, op, operands, NULL);
    Py_DECREF(operands);
    return made;
}

/* Return a node for an operand, NULL where Python must look at it (or raise). */
static inline PyObject *operand(PyObject *o) {
    double number;
    if (IS_NODE(o)) return Py_NewRef(o);
    if (PyFloat_CheckExact(o)) return leaf(PyFloat_AsDouble(o));
    if (!PyLong_CheckExact(o)) return NULL;
    number = PyLong_AsDouble(o);
    if (number == -1.0 && PyErr_Occurred()) { PyErr_Clear(); return NULL; }
    return leaf(number);
}

static inline PyObject *finish(Node *n, PyObject *op, double data, PyObject *left, PyObject *right) {
    n->data = data; n->op = Py_NewRef(op); n->left = left; n->right = right;
    n->shape = right ? BINARY : UNARY;
    return (PyObject *)n;
}

#define BINARY_ROW(NAME, VALUE, TO_LEFT, TO_RIGHT)                                              \
    static PyObject *op_##NAME;                                                                 \
    static PyObject *node_##NAME(PyObject *a, PyObject *b) {                                    \
        PyObject *l, *r; Node *n;                                                               \
        if (OBSERVED || !(l = operand(a))) return PyErr_Occurred() ? NULL : ask_python(op_##NAME, a, b); \
        if (!(r = operand(b))) { Py_DECREF(l); return PyErr_Occurred() ? NULL : ask_python(op_##NAME, a, b); } \
        if (!(n = new_node())) { Py_DECREF(l); Py_DECREF(r); return NULL; }                     \
        double x = NODE(l)->data, y = NODE(r)->data, out = VALUE;                               \
        (void)x; (void)y;                                                                       \
        n->to_left = TO_LEFT; n->to_right = TO_RIGHT;                                           \
        return finish(n, op_##NAME, out, l, r);                                                 \
    }
#define UNARY_ROW(NAME, VALUE, TO_LEFT)                                                         \
    static PyObject *op_##NAME;                                                                 \
    static PyObject *node_##NAME(PyObject *a) {                                                 \
        Node *n;                                                                                \
        if (OBSERVED || !IS_NODE(a)) return ask_python(op_##NAME, a, NULL);                     \
        if (!(n = new_node())) return NULL;                                                     \
        double x = NODE(a)->data, out = VALUE;                                                  \
        n->to_left = TO_LEFT;                                                                   \
        return finish(n, op_##NAME, out, Py_NewRef(a), NULL);                                   \
    }
#include "rules.h"

/* A row whose value and rule are Python functions of floats: the node is made here, the numbers there. */
typedef struct { PyObject *op, *value, *rule; int arity; double constant; int constant_stops, is_constant; } Row;
#define ROWS 90
static Row rows[ROWS];
static int row_count;

static int slope(PyObject *d, double *number, int *stops) {
    *stops = d == Py_None;
    *number = *stops ? 0.0 : PyFloat_AsDouble(d);
    return !(*number == -1.0 && PyErr_Occurred());
}

static PyObject *apply_row(Row *row, PyObject *a, PyObject *b) {
    PyObject *l = NULL, *r = NULL, *x = NULL, *y = NULL, *out = NULL, *partials = NULL;
    double left = row->constant, right = 0.0, data;
    int left_stops = row->constant_stops, right_stops = 0, good;
    Node *n;
    if (OBSERVED || !(l = operand(a)) || (b && !(r = operand(b)))) goto python;
    x = PyFloat_FromDouble(NODE(l)->data);
    y = b ? PyFloat_FromDouble(NODE(r)->data) : NULL;
    if (!x || (b && !y)) goto python;
    if (!(out = PyObject_CallFunctionObjArgs(row->value, x, y, NULL))) goto python;
    data = PyFloat_AsDouble(out);
    if (data == -1.0 && PyErr_Occurred()) goto python;
    if (!row->is_constant) {
        partials = b ? PyObject_CallFunctionObjArgs(row->rule, x, y, out, NULL)
                     : PyObject_CallFunctionObjArgs(row->rule, x, out, NULL);
        if (!partials) goto python;
        if (b) good = PyTuple_Check(partials) && PyTuple_Size(partials) == 2
                      && slope(PyTuple_GetItem(partials, 0), &left, &left_stops)
                      && slope(PyTuple_GetItem(partials, 1), &right, &right_stops);
        else if (PyTuple_Check(partials)) good = PyTuple_Size(partials) == 1 && slope(PyTuple_GetItem(partials, 0), &left, &left_stops);
        else good = slope(partials, &left, &left_stops);
        if (!good) goto python;
    }
    n = new_node();
    if (n) {
        n->to_left = left; n->to_right = right; n->left_stops = left_stops; n->right_stops = right_stops;
        finish(n, row->op, data, Py_NewRef(l), r ? Py_NewRef(r) : NULL);
    }
    Py_XDECREF(l); Py_XDECREF(r); Py_DECREF(x); Py_XDECREF(y); Py_DECREF(out); Py_XDECREF(partials);
    return (PyObject *)n;
python:
    Py_XDECREF(l); Py_XDECREF(r); Py_XDECREF(x); Py_XDECREF(y); Py_XDECREF(out); Py_XDECREF(partials);
    if (PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_ArithmeticError)) return NULL;
        PyErr_Clear();
    }
    return ask_python(row->op, a, b);
}

/* A method must know its row, and a descriptor carries nothing: so there is one small function for each. */
#define TEN(F, d) F(d##0) F(d##1) F(d##2) F(d##3) F(d##4) F(d##5) F(d##6) F(d##7) F(d##8) F(d##9)
#define NINETY(F) TEN(F, ) TEN(F, 1) TEN(F, 2) TEN(F, 3) TEN(F, 4) TEN(F, 5) TEN(F, 6) TEN(F, 7) TEN(F, 8)
#define FUNCTIONS(i)                                                                                           \
    static PyObject *unary_##i(PyObject *a, PyObject *none) { (void)none; return apply_row(rows + i, a, NULL); } \
    static PyObject *binary_##i(PyObject *a, PyObject *b) { return apply_row(rows + i, a, b); }
NINETY(FUNCTIONS)
#define UNARY_NAME(i) unary_##i,
#define BINARY_NAME(i) binary_##i,
static const PyCFunction unary_functions[ROWS] = {NINETY(UNARY_NAME)}, binary_functions[ROWS] = {NINETY(BINARY_NAME)};
static PyMethodDef row_methods[ROWS];
static Row *row_pow, *row_power;

/* method(op, value, rule, arity, name, doc) -> the method of a row; LookupError past the last small function */
static PyObject *make_method(PyObject *module, PyObject *args) {
    PyObject *op, *value, *rule;
    const char *name, *doc;
    int arity;
    (void)module;
    if (!PyArg_ParseTuple(args, "OOOiss", &op, &value, &rule, &arity, &name, &doc)) return NULL;
    if (row_count == ROWS) { PyErr_SetString(PyExc_LookupError, "no more methods in C"); return NULL; }
    Row *row = rows + row_count;
    PyMethodDef *method = row_methods + row_count;
    if (PyTuple_Check(rule) && arity != 1) {
        PyErr_SetString(PyExc_LookupError, "constant slopes of one argument only");
        return NULL;
    }
    row->is_constant = PyTuple_Check(rule);
    if (row->is_constant && !slope(PyTuple_GetItem(rule, 0), &row->constant, &row->constant_stops)) return NULL;
    if (!(method->ml_name = strdup(name)) || !(method->ml_doc = strdup(doc))) return PyErr_NoMemory();
    method->ml_meth = arity == 1 ? unary_functions[row_count] : binary_functions[row_count];
    method->ml_flags = arity == 1 ? METH_NOARGS : METH_O;
    row->op = Py_NewRef(op); row->value = Py_NewRef(value); row->rule = Py_NewRef(rule); row->arity = arity;
    if (!strcmp(name, "pow")) row_pow = row;
    if (!strcmp(name, "power")) row_power = row;
    row_count++;
    return PyDescr_NewMethod(Value, method);
}

/* A constant exponent has a row of its own, which never needs ln x. */
static PyObject *node_power(PyObject *a, PyObject *b, PyObject *modulus) {
    if (modulus != Py_None) Py_RETURN_NOTIMPLEMENTED;
    return apply_row(PyObject_TypeCheck(b, Value) ? row_pow : PyObject_TypeCheck(a, Value) ? row_power : row_pow, a, b);
}

/* ------------------------------------------------------------ nodes of any shape, for Python */

static int hang(Node *n, PyObject *op, PyObject *parents, PyObject *edges) {
    Py_ssize_t count = PyTuple_Size(parents);
    int plain = PyTuple_CheckExact(edges) && PyTuple_Size(edges) == count && (count == 1 || count == 2), stops[2] = {0, 0};
    double number[2] = {0.0, 0.0};
    for (Py_ssize_t i = 0; i < count; i++)
        if (!PyObject_TypeCheck(PyTuple_GetItem(parents, i), Value)) {
            PyErr_SetString(PyExc_TypeError, "a parent is no Value");
            return -1;
        }
    for (Py_ssize_t i = 0; plain && i < count; i++) if (!slope(PyTuple_GetItem(edges, i), number + i, stops + i)) return -1;
    Py_XDECREF(n->left); Py_XDECREF(n->right); Py_XDECREF(n->op);
    n->op = Py_NewRef(op);
    n->to_left = number[0]; n->to_right = number[1]; n->left_stops = stops[0]; n->right_stops = stops[1];
    n->left = Py_NewRef(plain ? PyTuple_GetItem(parents, 0) : parents);
    n->right = !plain ? Py_NewRef(edges) : count == 2 ? Py_NewRef(PyTuple_GetItem(parents, 1)) : NULL;
    n->shape = !plain ? MANY : count == 2 ? BINARY : UNARY;
    return 0;
}

/* node(op, data, parents, edges) */
static PyObject *make_node(PyObject *module, PyObject *args) {
    PyObject *op, *parents, *edges;
    double data;
    Node *n;
    (void)module;
    if (!PyArg_ParseTuple(args, "OdO!O", &op, &data, &PyTuple_Type, &parents, &edges) || !(n = new_node())) return NULL;
    n->data = data;
    if (hang(n, op, parents, edges) < 0) Py_CLEAR(n);
    return (PyObject *)n;
}

/* hang(value, op, parents, edges): the same for a Value that is there */
static PyObject *hang_value(PyObject *module, PyObject *args) {
    PyObject *value, *op, *parents, *edges;
    (void)module;
    if (!PyArg_ParseTuple(args, "O!OO!O", Value, &value, &op, &PyTuple_Type, &parents, &edges)
        || hang(NODE(value), op, parents, edges) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *make_leaf(PyObject *module, PyObject *number) {
    double x = PyFloat_AsDouble(number);
    (void)module;
    return x == -1.0 && PyErr_Occurred() ? NULL : leaf(x);
}

/* ------------------------------------------------------------ what Python sees */

static PyObject *number_or_none(double number, int stops) { return stops ? Py_NewRef(Py_None) : PyFloat_FromDouble(number); }

static int as_double(PyObject *given, double *number) {
    if (!given) { PyErr_SetString(PyExc_AttributeError, "a Value keeps its numbers"); return 0; }
    *number = PyFloat_AsDouble(given);
    return !(*number == -1.0 && PyErr_Occurred());
}

static PyObject *get_data(PyObject *s, void *c) { (void)c; return PyFloat_FromDouble(NODE(s)->data); }
static int set_data(PyObject *s, PyObject *given, void *c) { (void)c; return as_double(given, &NODE(s)->data) ? 0 : -1; }

/* _grad: the float, None where no pass has come */
static PyObject *get_grad(PyObject *s, void *c) { (void)c; return number_or_none(NODE(s)->grad, !NODE(s)->has_grad); }
static int set_grad(PyObject *s, PyObject *given, void *c) {
    (void)c;
    if (given == Py_None) { NODE(s)->has_grad = 0; return 0; }
    if (!as_double(given, &NODE(s)->grad)) return -1;
    NODE(s)->has_grad = 1;
    return 0;
}

static PyObject *get_gradient(PyObject *s, void *c) { (void)c; return PyFloat_FromDouble(NODE(s)->has_grad ? NODE(s)->grad : 0.0); }
static int set_gradient(PyObject *s, PyObject *given, void *c) {
    PyObject *number;
    int done;
    if (!given || given == Py_None || PyFloat_CheckExact(given)) return set_grad(s, given, c);
    if (!(number = PyObject_CallFunction(as_number, "Os", given, "grad"))) return -1;
    done = set_grad(s, number, c);
    Py_DECREF(number);
    return done;
}

static PyObject *get_op(PyObject *s, void *c) { (void)c; return Py_NewRef(NODE(s)->op ? NODE(s)->op : Py_None); }
static PyObject *get_left(PyObject *s, void *c) { (void)c; return Py_NewRef(NODE(s)->left ? NODE(s)->left : Py_None); }
static int forget(PyObject *s, PyObject *given, void *c) { /* Value.__init__ makes a leaf: left = op = None */
    Node *n = NODE(s);
    (void)c;
    if (given != Py_None) { PyErr_SetString(PyExc_AttributeError, "the edges of a node are set when it is made"); return -1; }
    n->shape = LEAF;
    Py_CLEAR(n->left); Py_CLEAR(n->right); Py_CLEAR(n->op);
    return 0;
}
static PyObject *get_right(PyObject *s, void *c) {
    Node *n = NODE(s);
    (void)c;
    return Py_NewRef(n->shape == MANY ? many : n->shape == BINARY ? n->right : Py_None);
}
static PyObject *get_to_left(PyObject *s, void *c) {
    Node *n = NODE(s);
    (void)c;
    return n->shape == MANY ? Py_NewRef(n->right) : number_or_none(n->to_left, n->left_stops || n->shape == LEAF);
}
static PyObject *get_to_right(PyObject *s, void *c) {
    (void)c;
    return number_or_none(NODE(s)->to_right, NODE(s)->right_stops || NODE(s)->shape != BINARY);
}

/* _label and tag are rare: they stand in a dict beside the nodes, as a pair. */
static PyObject *dress_of(PyObject *s) {
    PyObject *key, *found;
    if (!NODE(s)->dressed || !(key = PyLong_FromVoidPtr(s))) return NULL;
    found = PyDict_GetItemWithError(dress, key);
    Py_DECREF(key);
    return found;
}
static PyObject *get_part(PyObject *s, void *place) {
    PyObject *pair = dress_of(s), *part = pair ? PyTuple_GetItem(pair, (Py_ssize_t)place) : NULL;
    if (place && NODE(s)->constant && (!part || part == Py_None)) return Py_NewRef(constant_tag);
    if (part && part != Py_None) return Py_NewRef(part);
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_AttributeError, place ? "'Value' object has no attribute 'tag'" : "'Value' object has no attribute '_label'");
    return NULL;
}
static int set_part(PyObject *s, PyObject *given, void *place) {
    PyObject *pair = dress_of(s), *key, *made;
    int done;
    if (!pair && PyErr_Occurred()) return -1;
    if (!given) given = Py_None;
    if (place) {
        NODE(s)->constant = given == constant_tag;
        if (given == constant_tag) given = Py_None;
    }
    PyObject *parts[2] = {pair ? PyTuple_GetItem(pair, 0) : Py_None, pair ? PyTuple_GetItem(pair, 1) : Py_None};
    parts[(Py_ssize_t)place] = given;
    if (!pair && given == Py_None) return 0;
    made = PyTuple_Pack(2, parts[0], parts[1]);
    key = PyLong_FromVoidPtr(s);
    done = made && key ? PyDict_SetItem(dress, key, made) : -1;
    Py_XDECREF(made); Py_XDECREF(key);
    if (!done) NODE(s)->dressed = 1;
    return done;
}

static PyGetSetDef fields[] = {
    {"grad", get_gradient, set_gradient, "The gradient; 0.0 until a backward pass reaches it.", NULL},
    {"data", get_data, set_data, "The number.", NULL}, {"_grad", get_grad, set_grad, NULL, NULL},
    {"op", get_op, forget, "The primitive that made it, None for a leaf.", NULL}, {"left", get_left, forget, NULL, NULL},
    {"right", get_right, NULL, NULL, NULL}, {"to_left", get_to_left, NULL, NULL, NULL},
    {"to_right", get_to_right, NULL, NULL, NULL}, {"_label", get_part, set_part, NULL, (void *)0},
    {"tag", get_part, set_part, NULL, (void *)1}, {NULL, NULL, NULL, NULL, NULL}};

/* ------------------------------------------------------------ backward */

typedef struct { Node **nodes; size_t count, room; } Stack;

static inline int push(Stack *s, Node *n) {
    if (s->count == s->room) {
        size_t room = s->room ? 2 * s->room : 256;
        Node **grown = realloc(s->nodes, room * sizeof *grown);
        if (!grown) return 0;
        s->nodes = grown; s->room = room;
    }
    s->nodes[s->count++] = n;
    return 1;
}

static inline void add(Node *n, double term) {
    n->grad = n->has_grad ? n->grad + term : term;
    n->has_grad = 1;
}

static int add_all(PyObject *parents, PyObject *terms, double factor) {
    for (Py_ssize_t i = 0, count = PyTuple_Size(parents); i < count; i++) {
        PyObject *term = PyTuple_GetItem(terms, i);
        double number;
        if (!term) return 0;
        if (term == Py_None) continue;
        if (!as_double(term, &number)) return 0;
        add(NODE(PyTuple_GetItem(parents, i)), factor * number);
    }
    return 1;
}

/* Hand the gradient of a node with MANY edges on; edges.py says what ``right`` may be. ``collected``: joint's node ->
   {output: gradient}. */
static int pull_many(Node *n, PyObject *collected) {
    PyObject *edges = n->right, *key, *outs, *number, *terms;
    int good;
    if (PyTuple_CheckExact(edges)) return add_all(n->left, edges, n->grad);
    if (PyTuple_Check(edges)) { /* made by hand: its user's function does it */
        PyObject *function = PyObject_GetAttrString((PyObject *)n, "_backward");
        PyObject *done = function ? PyObject_CallFunctionObjArgs(function, NULL) : NULL;
        Py_XDECREF(function); Py_XDECREF(done);
        return done != NULL;
    }
    if (PyLong_CheckExact(edges)) { /* one output of a joint */
        PyObject *joint = PyTuple_GetItem(n->left, 0);
        if (!(key = PyLong_FromVoidPtr(joint))) return 0;
        outs = PyDict_GetItemWithError(collected, key);
        if (!outs && !PyErr_Occurred() && (outs = PyDict_New())) {
            good = PyDict_SetItem(collected, key, outs) == 0;
            Py_DECREF(outs); /* the dict holds it */
            if (!good) outs = NULL;
        }
        Py_DECREF(key);
        if (!outs || !(number = PyFloat_FromDouble(n->grad))) return 0;
        good = PyDict_SetItem(outs, edges, number) == 0;
        Py_DECREF(number);
        NODE(joint)->has_grad = 1;
        return good;
    }
    if (!(key = PyLong_FromVoidPtr(n))) return 0;
    outs = PyDict_GetItemWithError(collected, key);
    Py_DECREF(key);
    n->has_grad = 0;
    if (!outs) return !PyErr_Occurred();
    if (!(terms = PyObject_CallMethod(edges, "pull", "O", outs))) return 0;
    good = PyTuple_Check(terms) && add_all(n->left, terms, 1.0);
    Py_DECREF(terms);
    return good;
}

/* sweep(output, gradient): depth first as in backward.py, so that sums are added in the same order. Marks are of one
   pass alone; a pass that an error ends leaves nothing that could mislead another. */
static PyObject *sweep(PyObject *module, PyObject *args) {
    static unsigned long long passes;
    PyObject *output, *collected = NULL;
    double gradient_;
    Stack below = {NULL, 0, 0}, order = {NULL, 0, 0};
    (void)module;
    if (!PyArg_ParseTuple(args, "O!d", Value, &output, &gradient_)) return NULL;
    unsigned long long seen = passes += 2, done = seen + 1;
    if (!push(&below, NODE(output))) goto no_memory;
#define VISIT(p) do { Node *q = NODE(p); if (q->shape != LEAF && q->mark != done && !push(&below, q)) goto no_memory; } while (0)
    while (below.count) {
        Node *n = below.nodes[--below.count];
        if (n->mark == seen) { /* met again, after all it was computed from */
            n->mark = done;
            if (!push(&order, n)) goto no_memory;
        } else if (n->mark != done) {
            n->mark = seen;
            n->has_grad = 0;
            if (!push(&below, n)) goto no_memory;
            if (n->shape == MANY) for (Py_ssize_t i = PyTuple_Size(n->left); i--;) VISIT(PyTuple_GetItem(n->left, i));
            else { if (n->shape == BINARY) VISIT(n->right); VISIT(n->left); }
        }
    }
    NODE(output)->grad = gradient_;
    NODE(output)->has_grad = 1;
    while (order.count) {
        Node *n = order.nodes[--order.count];
        if (!n->has_grad) continue; /* only edges on which nothing flows lead here */
        if (n->shape == MANY) {
            if (!collected && !(collected = PyDict_New())) goto failed;
            if (!pull_many(n, collected)) goto failed;
        } else {
            if (!n->left_stops) add(NODE(n->left), n->grad * n->to_left);
            if (n->shape == BINARY && !n->right_stops) add(NODE(n->right), n->grad * n->to_right);
        }
    }
    free(below.nodes); free(order.nodes); Py_XDECREF(collected);
    Py_RETURN_NONE;
no_memory:
    PyErr_NoMemory();
failed:
    free(below.nodes); free(order.nodes); Py_XDECREF(collected);
    return NULL;
}

/* ------------------------------------------------------------ the module */

static PyType_Slot slots[] = {
    {Py_tp_dealloc, node_dealloc}, {Py_tp_new, node_new}, {Py_tp_init, node_init}, {Py_tp_getset, fields},
#define BINARY_SLOT(SLOT, NAME) {Py_nb_##SLOT, node_##NAME},
    OPERATORS(BINARY_SLOT)
    {Py_nb_power, node_power}, {0, NULL}};
static PyType_Spec spec = {"autograd_mini.engine.value.Value", sizeof(Node), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};

/* setup(names): what the node must know of the package, by name */
static PyObject *setup(PyObject *module, PyObject *names) {
    (void)module;
#define KNOW(VARIABLE, NAME)                                                                             \
    if (PyDict_GetItemString(names, NAME)) { Py_XDECREF(VARIABLE); VARIABLE = Py_NewRef(PyDict_GetItemString(names, NAME)); }
    KNOW(observers, "observers") KNOW(careful, "careful") KNOW(initialise, "__init__") KNOW(by_hand, "HandMade")
    KNOW(as_number, "as_number")
    KNOW(constant_tag, "CONSTANT") KNOW(many, "MANY")
#define KNOW_ROW(SLOT, NAME) KNOW(op_##NAME, #NAME)
    OPERATORS(KNOW_ROW)
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"setup", setup, METH_O, NULL}, {"node", make_node, METH_VARARGS, NULL}, {"leaf", make_leaf, METH_O, NULL},
    {"hang", hang_value, METH_VARARGS, NULL}, {"method", make_method, METH_VARARGS, NULL},
    {"sweep", sweep, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_node", "The node of the eager engine in C.", -1, functions, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__node(void) {
    PyObject *module = PyModule_Create(&definition);
    if (!module || !(dress = PyDict_New())) return NULL;
    if (!(Value = (PyTypeObject *)PyType_FromSpec(&spec))) return NULL;
    PyModule_AddObject(module, "dress", Py_NewRef(dress));
    PyModule_AddStringConstant(module, "rules", RULES);
    PyModule_AddObject(module, "Value", Py_NewRef((PyObject *)Value));
    return module;
}
