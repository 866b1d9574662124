// The review room with a script: keys, no reloads, the next passage fetched ahead.
import { bindAhead } from "./ahead.js";
import { bindKeys } from "./keys.js";
import { bindPanels } from "./panels.js";
import { bindRoom } from "./room.js";
import { bindSending } from "./sending.js";

bindRoom();
bindSending();
bindPanels();
bindKeys();
bindAhead();
