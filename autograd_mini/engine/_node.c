/* The node of the eager engine in C: the same as value.py, operators.py and backward.py in Python, with the same bits.

   Optional: without it the Python class is used. The arithmetic of the operators is in rules.h, which the build
   translates from the table's rows; there are no derivative rules here. Special cases (a subclass, an observer, an
   operand that is not a float or an int, a value that raises in Python) are left to Python, which has the messages.

   A node has 80 bytes and is not tracked by the garbage collector: edges lead from results to their arguments, never
   back, so reference counts suffice. Nodes are freed through a queue, because a chain of a million must not recurse. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <structmember.h>

enum { LEAF, UNARY, BINARY, MANY }; /* the shape of a node: its number of edges, but for MANY */

typedef struct Node {
    PyObject_HEAD
    union { double data; struct Node *next; }; /* next: in the queue of nodes to free */
    double grad, to[2];                        /* the partials */
    PyObject *parent[2]; /* Values; for MANY edges the tuple of parents, and the edges */
    PyObject *kind;      /* its primitive, NULL for a leaf; a Note where it also has a label or a role */
    unsigned long long shape : 2, has_grad : 1, stops : 2; /* stops: bit i is set where the partial of parent i is NO_FLOW */
    unsigned long long mark : 59;                          /* the last pass that reached it, and its progress */
} Node;

static PyTypeObject *Value; /* the exact type of every node that an operation makes */

/* Objects of the package that this module needs; ``setup`` gets them under these names.
   observers      the set of open observers: while it is not empty, Python does the operations
   apply_general  (primitive, operands) -> the operation done in Python
   initialise     Value.__init__ of Python, for anything but Value(float)
   by_hand        the subclass of nodes with a function of the user
   as_number      (object, operation) -> float, or a TypeError
   pull           (node, gradient, collected) -> a term for each parent or None: for edges that are not numbers
   constant_leaf  the kind of a leaf that was made from a plain number
   many           the value of ``right`` in Python of a node with MANY edges */
#define NAMES(M) M(observers) M(apply_general) M(initialise) M(by_hand) M(as_number) M(pull) M(constant_leaf) M(many)
#define DECLARE(NAME) static PyObject *NAME;
NAMES(DECLARE)

#define NODE(o) ((Node *)(o))
#define FAILED(number) ((number) == -1.0 && PyErr_Occurred())

/* ------------------------------------------------------------ making and freeing */

static inline Node *new_node(void) {
    Node *n = PyObject_New(Node, Value);
    if (n) memset((char *)n + sizeof(PyObject), 0, sizeof(Node) - sizeof(PyObject));
    return n;
}

static PyObject *leaf(double number) {
    Node *n = new_node();
    if (n) { n->data = number; n->kind = Py_NewRef(constant_leaf); }
    return (PyObject *)n;
}

static void cut(Node *n) { Py_CLEAR(n->parent[0]); Py_CLEAR(n->parent[1]); Py_CLEAR(n->kind); n->shape = LEAF; }

static void node_dealloc(PyObject *self) {
    static Node *dying; /* nodes whose count is 0 */
    static int releasing;
    Node *n = NODE(self);
    PyTypeObject *type = Py_TYPE(self);
    if (type != Value) { /* a subclass, whose dealloc called this one */
        cut(n);
        ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
        Py_DECREF(type);
        return;
    }
    n->next = dying;
    dying = n;
    if (releasing) return; /* the loop below, in an outer call, takes it from the queue */
    for (releasing = 1; (n = dying); Py_DECREF(type)) {
        dying = n->next;
        cut(n);
        PyObject_Free(n);
    }
    releasing = 0;
}

static PyObject *node_new(PyTypeObject *type, PyObject *args, PyObject *named) {
    int has_children = (PyTuple_Size(args) > 1 && !PyUnicode_Check(PyTuple_GetItem(args, 1)))
                       || (named && PyDict_GetItemString(named, "_children"));
    if (type == Value && !(has_children && by_hand)) return (PyObject *)new_node();
    if (type == Value) type = (PyTypeObject *)by_hand;
    return ((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
}

static int node_init(PyObject *self, PyObject *args, PyObject *named) {
    PyObject *bound, *all, *done;
    if (PyTuple_Size(args) == 1 && !named && PyFloat_CheckExact(PyTuple_GetItem(args, 0)) && !NODE(self)->kind) {
        NODE(self)->data = PyFloat_AsDouble(PyTuple_GetItem(args, 0));
        return 0;
    }
    bound = PyTuple_Pack(1, self);
    all = bound ? PySequence_Concat(bound, args) : NULL;
    done = all ? PyObject_Call(initialise, all, named) : NULL;
    Py_XDECREF(bound); Py_XDECREF(all); Py_XDECREF(done);
    return done ? 0 : -1;
}

/* ------------------------------------------------------------ operations */

/* A row: the arithmetic of an operator is a Rule from rules.h, which sets value and partials of a node, or returns 0
   where Python must do it. All rows but the operators have Python functions of floats. */
typedef int (*Rule)(double x, double y, Node *n);
typedef struct { PyObject *op, *value, *rule, *python; Py_ssize_t arity; } Row;
static double (*volatile c_pow)(double, double) = pow; /* volatile: a compiler would write x·x, with other bits */
#include "rules.h"

/* Return a node for an operand, NULL where Python must convert it (or raise). */
static inline PyObject *operand(PyObject *o) {
    double number;
    if (Py_TYPE(o) == Value) return Py_NewRef(o);
    if (PyFloat_CheckExact(o)) return leaf(PyFloat_AsDouble(o));
    if (!PyLong_CheckExact(o)) return NULL;
    number = PyLong_AsDouble(o);
    if (FAILED(number)) { PyErr_Clear(); return NULL; }
    return leaf(number);
}

/* Read partials: a tuple of ``count``, or a single one; each is a number, or None (NO_FLOW). */
static int slopes(PyObject *given, Py_ssize_t count, Node *n) {
    int several = PyTuple_Check(given);
    if (several ? PyTuple_Size(given) != count : count != 1) return 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *each = several ? PyTuple_GetItem(given, i) : given;
        if (each == Py_None) n->stops |= 1u << i;
        else if (n->to[i] = PyFloat_AsDouble(each), FAILED(n->to[i])) return 0;
    }
    return 1;
}

static int by_python(Row *row, Node *n, double x, double y) {
    int two = row->arity == 2, good = 0;
    PyObject *out = PyObject_CallFunction(row->value, two ? "dd" : "d", x, y), *found = NULL;
    n->stops = 0;
    if (out && (n->data = PyFloat_AsDouble(out), !FAILED(n->data))) {
        if (PyTuple_Check(row->rule)) found = Py_NewRef(row->rule);
        else if (two) found = PyObject_CallFunction(row->rule, "ddO", x, y, out);
        else found = PyObject_CallFunction(row->rule, "dO", x, out);
        good = found && slopes(found, row->arity, n);
    }
    Py_XDECREF(out); Py_XDECREF(found);
    return good;
}

/* Apply a row to one operand (b NULL) or two; ``rule`` is NULL where the row has none in C. */
static inline PyObject *apply(Row *row, Rule rule, PyObject *a, PyObject *b) {
    PyObject *l = NULL, *r = NULL, *operands, *made;
    Node *n = NULL;
    if (PySet_Size(observers) == 0 && (l = operand(a)) && (!b || (r = operand(b))) && (n = new_node())) {
        double x = NODE(l)->data, y = b ? NODE(r)->data : 0.0;
        n->shape = b ? BINARY : UNARY;
        n->kind = Py_NewRef(row->op); n->parent[0] = l; n->parent[1] = r;
        if ((rule && rule(x, y, n)) || by_python(row, n, x, y)) return (PyObject *)n;
        Py_DECREF(n);
    } else { Py_XDECREF(l); Py_XDECREF(r); }
    if (PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_ArithmeticError) && !PyErr_ExceptionMatches(PyExc_ValueError)) return NULL;
        PyErr_Clear();
    }
    if (!(operands = b ? PyTuple_Pack(2, a, b) : PyTuple_Pack(1, a))) return NULL;
    made = PyObject_CallFunctionObjArgs(apply_general, row->op, operands, NULL);
    Py_DECREF(operands);
    return made;
}

#define BINARY(NAME) static PyObject *node_##NAME(PyObject *a, PyObject *b) { return apply(&row_##NAME, rule_##NAME, a, b); }
#define UNARY(NAME) static PyObject *node_##NAME(PyObject *a) { return apply(&row_##NAME, rule_##NAME, a, NULL); }
#define OPERATOR(SLOT, NAME, ARITY) static Row row_##NAME; ARITY(NAME)
OPERATORS(OPERATOR)

static Row rows[ROWS], *row_pow, *row_power;
static int row_count;

/* Call a row's method. For wrong arguments the same method in Python is called, which raises. */
static PyObject *call(Row *row, PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names) {
    PyObject *all, *named = NULL, *made;
    if (!names && count == row->arity - 1) return apply(row, NULL, self, count ? args[0] : NULL);
    if (!(all = PyTuple_New(count + 1)) || (names && !(named = PyDict_New()))) { Py_XDECREF(all); return NULL; }
    PyTuple_SetItem(all, 0, Py_NewRef(self));
    for (Py_ssize_t i = 0; i < count; i++) PyTuple_SetItem(all, i + 1, Py_NewRef(args[i]));
    for (Py_ssize_t i = 0; named && i < PyTuple_Size(names); i++)
        PyDict_SetItem(named, PyTuple_GetItem(names, i), args[count + i]);
    made = PyErr_Occurred() ? NULL : PyObject_Call(row->python, all, named);
    Py_DECREF(all); Py_XDECREF(named);
    return made;
}

/* A method descriptor cannot store its row, so each row has a small function of its own. */
#define FUNCTION(i)                                                                                          \
    static PyObject *method_##i(PyObject *a, PyObject *const *args, Py_ssize_t count, PyObject *names) {     \
        return call(rows + i, a, args, count, names);                                                        \
    }
EACH_ROW(FUNCTION)
#define METHOD(i) {NULL, (PyCFunction)(void (*)(void))method_##i, METH_FASTCALL | METH_KEYWORDS, NULL},
static PyMethodDef methods[] = {EACH_ROW(METHOD)};

/* method(op, value, rule, python, arity, name, doc) -> the method of a row; ``python`` does the same in Python */
static PyObject *make_method(PyObject *module, PyObject *args) {
    PyMethodDef *method = methods + row_count;
    Row *row = rows + row_count, made;
    const char *name, *doc;
    (void)module;
    if (!PyArg_ParseTuple(args, "OOOOnss", &made.op, &made.value, &made.rule, &made.python, &made.arity, &name, &doc)) return NULL;
    if (row_count == ROWS) { PyErr_SetString(PyExc_IndexError, "the table has no more rows"); return NULL; }
    if (!(method->ml_name = strdup(name)) || !(method->ml_doc = strdup(doc))) return PyErr_NoMemory();
    Py_INCREF(made.op); Py_INCREF(made.value); Py_INCREF(made.rule); Py_INCREF(made.python);
    *row = made;
    if (!strcmp(name, "pow")) row_pow = row;
    if (!strcmp(name, "power")) row_power = row;
    row_count++;
    return PyDescr_NewMethod(Value, method);
}

/* A constant exponent has a separate row, whose rule does not need ln x. */
static PyObject *node_power(PyObject *a, PyObject *b, PyObject *modulus) {
    if (modulus != Py_None) Py_RETURN_NOTIMPLEMENTED;
    return PyObject_TypeCheck(b, Value) ? apply(row_pow, NULL, a, b) : apply(row_power, rule_power, a, b);
}

/* ------------------------------------------------------------ nodes of any shape, for Python */

static int hang(Node *n, PyObject *op, PyObject *parents, PyObject *edges) {
    Py_ssize_t count = PyTuple_Size(parents);
    int plain = PyTuple_CheckExact(edges) && (count == 1 || count == 2);
    for (Py_ssize_t i = 0; i < count; i++)
        if (!PyObject_TypeCheck(PyTuple_GetItem(parents, i), Value)) {
            PyErr_SetString(PyExc_TypeError, "a parent is no Value");
            return 0;
        }
    cut(n);
    n->stops = 0;
    if (plain && !slopes(edges, count, n)) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "one partial for each parent is needed");
        return 0;
    }
    n->kind = Py_NewRef(op);
    n->shape = plain ? (unsigned)count : MANY;
    n->parent[0] = Py_NewRef(plain ? PyTuple_GetItem(parents, 0) : parents);
    n->parent[1] = !plain ? Py_NewRef(edges) : count == 2 ? Py_NewRef(PyTuple_GetItem(parents, 1)) : NULL;
    return 1;
}

/* node(op, data, parents, edges[, value]): a new node, or an existing Value connected to these parents */
static PyObject *make_node(PyObject *module, PyObject *args) {
    PyObject *op, *parents, *edges, *value = NULL;
    double data;
    Node *n;
    (void)module;
    if (!PyArg_ParseTuple(args, "OdO!O|O!", &op, &data, &PyTuple_Type, &parents, &edges, Value, &value)) return NULL;
    if (!(n = value ? NODE(Py_NewRef(value)) : new_node())) return NULL;
    n->data = data;
    if (!hang(n, op, parents, edges)) Py_CLEAR(n);
    return (PyObject *)n;
}

static PyObject *make_leaf(PyObject *module, PyObject *number) {
    double x = PyFloat_AsDouble(number);
    (void)module;
    return FAILED(x) ? NULL : leaf(x);
}

/* ------------------------------------------------------------ attributes for Python: the slots of value.py */

static int assigned(PyObject *given, const char *what, double *to) { /* *to = the number that is assigned to ``what`` */
    PyObject *number;
    if (!given) { PyErr_Format(PyExc_AttributeError, "%s cannot be deleted; a number can be assigned", what); return -1; }
    if (!(number = PyFloat_CheckExact(given) ? Py_NewRef(given) : PyObject_CallFunction(as_number, "Os", given, what))) return -1;
    *to = PyFloat_AsDouble(number);
    Py_DECREF(number);
    return 0;
}
static PyObject *get_data(PyObject *s, void *place) { (void)place; return PyFloat_FromDouble(NODE(s)->data); }
static int set_data(PyObject *s, PyObject *given, void *place) { (void)place; return assigned(given, "data", &NODE(s)->data); }
/* grad: 0.0 before any backward pass; _grad, with ``place`` not NULL: None before any backward pass */
static PyObject *get_grad(PyObject *s, void *place) {
    return place && !NODE(s)->has_grad ? Py_NewRef(Py_None) : PyFloat_FromDouble(NODE(s)->has_grad ? NODE(s)->grad : 0.0);
}
static int set_grad(PyObject *s, PyObject *given, void *place) {
    (void)place;
    if (given == Py_None) { NODE(s)->has_grad = 0; return 0; }
    if (assigned(given, "grad", &NODE(s)->grad)) return -1;
    NODE(s)->has_grad = 1;
    return 0;
}
static PyObject *get_parent(PyObject *s, void *place) { /* left, right */
    PyObject *found = place && NODE(s)->shape == MANY ? many : NODE(s)->parent[(size_t)place];
    return Py_NewRef(found ? found : Py_None);
}
static int forget(PyObject *s, PyObject *given, void *place) { /* Value.__init__ makes a leaf: left = None */
    (void)place;
    if (given != Py_None) { PyErr_SetString(PyExc_AttributeError, "the edges of a node are set when it is made"); return -1; }
    cut(NODE(s));
    return 0;
}
static PyObject *get_slope(PyObject *s, void *place) { /* to_left, to_right */
    Node *n = NODE(s);
    size_t i = (size_t)place;
    if (n->shape == MANY) return Py_NewRef(i ? Py_None : n->parent[1]);
    return i >= n->shape || n->stops >> i & 1 ? Py_NewRef(Py_None) : PyFloat_FromDouble(n->to[i]);
}

static PyMemberDef members[] = {{"kind", T_OBJECT, offsetof(Node, kind), 0, NULL}, {NULL, 0, 0, 0, NULL}};
static PyGetSetDef fields[] = {
    {"data", get_data, set_data, "The number.", NULL},
    {"grad", get_grad, set_grad, "The gradient; 0.0 until a backward pass reaches it.", NULL},
    {"_grad", get_grad, set_grad, NULL, (void *)1},
    {"left", get_parent, forget, NULL, NULL}, {"right", get_parent, NULL, NULL, (void *)1},
    {"to_left", get_slope, NULL, NULL, NULL}, {"to_right", get_slope, NULL, NULL, (void *)1}, {NULL, NULL, NULL, NULL, NULL}};

#include "_sweep.h"

/* ------------------------------------------------------------ the module */

static PyType_Slot slots[] = {
    {Py_tp_dealloc, node_dealloc}, {Py_tp_new, node_new}, {Py_tp_init, node_init}, {Py_tp_getset, fields}, {Py_tp_members, members},
#define SLOT(NAME, ROW, ARITY) {Py_nb_##NAME, node_##ROW},
    OPERATORS(SLOT)
    {Py_nb_power, node_power}, {0, NULL}};
static PyType_Spec spec = {"autograd_mini.engine.value.Value", sizeof(Node), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};

/* setup(names): the objects in NAMES, and the operators' primitives by their names */
static PyObject *setup(PyObject *module, PyObject *names) {
    PyObject *found;
    (void)module;
#define KNOW(VARIABLE, NAME) if ((found = PyDict_GetItemString(names, NAME))) { Py_XDECREF(VARIABLE); VARIABLE = Py_NewRef(found); }
#define KNOW_NAME(NAME) KNOW(NAME, #NAME)
#define KNOW_ROW(SLOT, NAME, ARITY) KNOW(row_##NAME.op, #NAME)
    NAMES(KNOW_NAME)
    OPERATORS(KNOW_ROW)
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"setup", setup, METH_O, NULL}, {"node", make_node, METH_VARARGS, NULL}, {"leaf", make_leaf, METH_O, NULL},
    {"method", make_method, METH_VARARGS, NULL}, {"sweep", sweep, METH_VARARGS, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_node", "The node of the eager engine in C.", -1, functions, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__node(void) {
    PyObject *module = PyModule_Create(&definition);
    if (!module || !(Value = (PyTypeObject *)PyType_FromSpec(&spec))) return NULL;
    PyModule_AddStringConstant(module, "stamp", STAMP);
    PyModule_AddObject(module, "Value", Py_NewRef((PyObject *)Value));
    return module;
}
