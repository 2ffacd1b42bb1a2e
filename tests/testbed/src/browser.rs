//! A real Chromium, driven through ChromeDriver.
