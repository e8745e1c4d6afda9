package oralint

// Exceptions lists what is allowed against a rule. Nothing is at present: every
// statement that the product and its dialector send keeps all rules.
var Exceptions []Exception
