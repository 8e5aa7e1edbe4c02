// Boxes in a room, drawn with WebGL2: one cube, drawn once for each box, and the plane of one moment. Nothing is
// drawn but when draw() is called.
import { FIELDS, type Space } from "../data/space.ts";

export interface Look {
    yaw: number; // radians
    pitch: number;
    distance: number; // from the middle of the room, which is 2 deep
    moment: number; // from 0 to 1; what lives then is bright
    kept: Rgb;
    gone: Rgb;
    plane: Rgb;
    ground: Rgb;
}

export type Rgb = [number, number, number]; // from 0 to 1

const BOXES = `#version 300 es
layout(location = 0) in vec3 corner;
layout(location = 1) in vec3 normal;
layout(location = 2) in vec4 place; // born, died, address, its depth
layout(location = 3) in vec2 more;  // height, kept
uniform mat4 view;
uniform float moment, wide;
uniform vec3 kept, gone, ground;
out vec3 color;
void main() {
    vec3 low = vec3(place.x, 0.0, 1.0 - place.z - place.w), size = vec3(max(place.y - place.x, 0.002), more.x * 0.5, place.w);
    vec3 at = ((low + corner * size) * 2.0 - vec3(1.0, 0.4, 1.0)) * vec3(wide, 1.0, 1.0);
    gl_Position = view * vec4(at, 1.0);
    bool lives = place.x <= moment && moment < place.y + 0.0005;
    float light = 0.62 + 0.38 * max(dot(normal, normalize(vec3(-0.3, 0.9, 0.5))), 0.0);
    vec3 own = mix(gone, kept, more.y) * light;
    color = lives ? own : mix(own, ground, 0.72);
}`;

const PLANE = `#version 300 es
uniform mat4 view;
uniform float moment, wide;
void main() {
    vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
    gl_Position = view * vec4((moment * 2.0 - 1.0) * wide, corner.x * 1.1 - 0.4, corner.y * 2.0 - 1.0, 1.0);
}`;

const PAINT = `#version 300 es
precision mediump float;
in vec3 color;
out vec4 pixel;
void main() { pixel = vec4(color, 1.0); }`;

const PAINT_PLANE = `#version 300 es
precision mediump float;
uniform vec4 color;
out vec4 pixel;
void main() { pixel = color; }`;

// Each side of the cube as two triangles: corner and normal.
function cube(): Float32Array {
    const values: number[] = [];
    for (let axis = 0; axis < 3; axis++)
        for (const side of [0, 1])
            for (const [u, v] of [[0, 0], [1, 0], [1, 1], [0, 0], [1, 1], [0, 1]]) {
                const corner = [0, 0, 0];
                corner[axis] = side;
                corner[(axis + 1) % 3] = u;
                corner[(axis + 2) % 3] = v;
                const normal = [0, 0, 0];
                normal[axis] = side * 2 - 1;
                values.push(...corner, ...normal);
            }
    return Float32Array.from(values);
}

function compile(gl: WebGL2RenderingContext, vertex: string, fragment: string): WebGLProgram {
    const program = gl.createProgram();
    for (const [type, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]] as const) {
        const shader = gl.createShader(type)!;
        gl.shaderSource(shader, source);
        gl.compileShader(shader);
        gl.attachShader(program, shader);
        gl.deleteShader(shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) ?? "no program");
    return program;
}

// From the room to the screen, column by column: a camera that looks at the middle from a distance.
export function cameraMatrix(look: Pick<Look, "yaw" | "pitch" | "distance">, aspect: number): Float32Array {
    const [cy, sy, cp, sp] = [Math.cos(look.yaw), Math.sin(look.yaw), Math.cos(look.pitch), Math.sin(look.pitch)];
    const f = 1.9 / Math.max(1 / aspect, 1); // a narrow screen sees the whole room too
    const [near, far] = [0.1, 20];
    const depth = (near + far) / (near - far);
    const [fx, fy] = [f / aspect, f];
    const turned = [[cy, sy * sp, -sy * cp], [0, cp, sp], [sy, -cy * sp, cy * cp]];
    const matrix = new Float32Array(16);
    turned.forEach(([x, y, z], column) => matrix.set([fx * x, fy * y, depth * z, -z], column * 4));
    matrix.set([0, 0, -depth * look.distance + (2 * near * far) / (near - far), look.distance], 12);
    return matrix;
}

export class Scene {
    private readonly gl: WebGL2RenderingContext;
    private readonly boxes: WebGLProgram;
    private readonly plane: WebGLProgram;
    private readonly buffers: WebGLBuffer[] = [];
    private readonly arrays: WebGLVertexArrayObject;
    private count = 0;

    // Throws where there is no WebGL2.
    constructor(canvas: HTMLCanvasElement) {
        const gl = canvas.getContext("webgl2", { antialias: true, alpha: false });
        if (!gl) throw new Error("no WebGL2");
        this.gl = gl;
        this.boxes = compile(gl, BOXES, PAINT);
        this.plane = compile(gl, PLANE, PAINT_PLANE);
        this.arrays = gl.createVertexArray();
        gl.bindVertexArray(this.arrays);
        this.fill(cube());
        this.attribute(0, 3, 6, 0, 0);
        this.attribute(1, 3, 6, 3, 0);
    }

    private fill(values: Float32Array): void {
        const { gl } = this;
        const buffer = gl.createBuffer();
        this.buffers.push(buffer);
        gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
        gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    }

    private attribute(place: number, size: number, stride: number, offset: number, each: number): void {
        const { gl } = this;
        gl.enableVertexAttribArray(place);
        gl.vertexAttribPointer(place, size, gl.FLOAT, false, stride * 4, offset * 4);
        gl.vertexAttribDivisor(place, each);
    }

    load(space: Space): void {
        const { gl } = this;
        for (const old of this.buffers.splice(1)) gl.deleteBuffer(old);
        const values = new Float32Array(space.count * (FIELDS + 1));
        for (let i = 0; i < space.count; i++) {
            values.set(space.boxes.subarray(i * FIELDS, (i + 1) * FIELDS), i * (FIELDS + 1));
            values[i * (FIELDS + 1) + FIELDS] = space.kept[i];
        }
        gl.bindVertexArray(this.arrays);
        this.fill(values);
        this.attribute(2, 4, FIELDS + 1, 0, 1);
        this.attribute(3, 2, FIELDS + 1, 4, 1);
        this.count = space.count;
    }

    draw(look: Look): void {
        const { gl } = this;
        const { width, height } = gl.canvas;
        const at = (program: WebGLProgram, name: string) => gl.getUniformLocation(program, name);
        const view = cameraMatrix(look, width / height);
        const wide = Math.min(Math.max((width / height) * 0.8, 1), 2);
        gl.viewport(0, 0, width, height);
        gl.clearColor(...look.ground, 1);
        gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
        gl.enable(gl.DEPTH_TEST);
        gl.bindVertexArray(this.arrays);
        gl.useProgram(this.boxes);
        gl.uniformMatrix4fv(at(this.boxes, "view"), false, view);
        gl.uniform1f(at(this.boxes, "moment"), look.moment);
        gl.uniform1f(at(this.boxes, "wide"), wide);
        for (const name of ["kept", "gone", "ground"] as const) gl.uniform3fv(at(this.boxes, name), look[name]);
        gl.drawArraysInstanced(gl.TRIANGLES, 0, 36, this.count);
        gl.useProgram(this.plane);
        gl.enable(gl.BLEND);
        gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
        gl.uniformMatrix4fv(at(this.plane, "view"), false, view);
        gl.uniform1f(at(this.plane, "moment"), look.moment);
        gl.uniform1f(at(this.plane, "wide"), wide);
        gl.uniform4f(at(this.plane, "color"), ...look.plane, 0.18);
        gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
        gl.disable(gl.BLEND);
    }

    // Gives everything back at once: a page may have only a few contexts.
    dispose(): void {
        const { gl } = this;
        for (const buffer of this.buffers) gl.deleteBuffer(buffer);
        gl.deleteVertexArray(this.arrays);
        gl.deleteProgram(this.boxes);
        gl.deleteProgram(this.plane);
        gl.getExtension("WEBGL_lose_context")?.loseContext();
    }
}
