@NullMarked
package io.levada.local.demo;

import org.jspecify.annotations.NullMarked;
