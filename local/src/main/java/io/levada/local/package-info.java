/// The whole pipeline in one JVM, and the levada command.
@NullMarked
package io.levada.local;

import org.jspecify.annotations.NullMarked;
