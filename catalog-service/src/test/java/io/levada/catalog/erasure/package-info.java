@NullMarked
package io.levada.catalog.erasure;

import org.jspecify.annotations.NullMarked;
